import PosternCertificates
import PosternConfiguration
import PosternMail

/// A small authority on disk: `ca.pem`, which the configuration names, and `ca.key`, which nobody else needs.
struct AuthorityFolder {
    let path: String

    var certificatePath: String { "\(path)/ca.pem" }
    var keyPath: String { "\(path)/ca.key" }

    /// How far the beginning of what is issued lies back: the clocks of devices and servers differ.
    static let backdating = Duration.seconds(-3_600)

    /// Makes a new authority in the folder.
    /// - Throws: `NewFileError` if there is one already, `IssuingError`.
    func make(named name: String, at now: Timestamp) throws {
        for file in [certificatePath, keyPath] where NewFile.exists(file) { throw NewFileError.exists(file) }
        let authority = try IssuingAuthority(named: name, notBefore: now + Self.backdating)
        try NewFile.makeFolder(path, mode: 0o755)
        try NewFile.create(keyPath, try authority.certificate.keyPEM, mode: 0o600)
        try NewFile.create(certificatePath, authority.certificate.certificatePEM, mode: 0o644)
    }

    /// The authority that is there.
    func open(at now: Timestamp) throws -> IssuingAuthority {
        let certificate = try Self.contents(of: certificatePath)
        let authority = try IssuingAuthority(certificatePEM: certificate, keyPEM: try Self.contents(of: keyPath))
        guard authority.certificate.facts.map({ $0.notAfter > now }) ?? false else {
            throw CertificateCommandError.authorityExpired(certificatePath)
        }
        return authority
    }

    private static func contents(of path: String) throws -> [UInt8] {
        do throws(FileContents.Failure) {
            return try FileContents.of(path, limit: 1 << 20)
        } catch {
            throw CertificateCommandError.unreadable(path, reason: error.reason)
        }
    }
}

extension IssuedCertificate {
    /// What the certificate says.
    var facts: CertificateFacts? {
        Examination(of: PresentedChain(der: [der]), against: .nobody).facts
    }
}
