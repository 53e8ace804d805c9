import PosternCertificates

/// The files of one issued certificate: `NAME.pem`, `NAME.key` and, where openssl is installed, `NAME.p12`.
struct CertificateFiles {
    /// A path without its ending.
    let name: String

    var certificatePath: String { "\(name).pem" }
    var keyPath: String { "\(name).key" }
    var archivePath: String { "\(name).p12" }

    var all: [String] { [certificatePath, keyPath, archivePath] }

    /// Refuses before anything is made if one of them is there.
    func checkAbsence() throws(NewFileError) {
        for path in all where NewFile.exists(path) { throw .exists(path) }
    }

    /// Writes the chain that a client or server presents, and its key for its owner's eyes alone.
    ///
    /// The chain ends before the root, which the other side must have anyway (RFC 8446 §4.4.2).
    func write(_ certificate: IssuedCertificate, issuedBy authority: IssuingAuthority) throws {
        if let folder = name.lastIndex(of: "/"), folder > name.startIndex {
            try NewFile.makeFolder(String(name[..<folder]), mode: 0o755)
        }
        let issuer = authority.certificate
        let isRoot = issuer.facts.map { $0.subject == $0.issuer } ?? false
        try NewFile.create(keyPath, try certificate.keyPEM, mode: 0o600)
        try NewFile.create(
            certificatePath, certificate.certificatePEM + (isRoot ? "" : issuer.certificatePEM), mode: 0o644)
    }

    /// Packs certificate, key and the authority's certificate for mail programs that import PKCS#12 (RFC 7292).
    /// - Returns: false where the command openssl is not installed.
    func writeArchive(authorityPath: String, label: String, password: String) throws -> Bool {
        let octets: [UInt8]
        do throws(Subprocess.Failure) {
            octets = try Subprocess.run(
                [
                    "openssl", "pkcs12", "-export", "-in", certificatePath, "-inkey", keyPath, "-certfile",
                    authorityPath, "-name", label, "-passout", "stdin",
                ], input: Array("\(password)\n".utf8))
        } catch {
            switch error {
            case .notInstalled: return false
            case .failed(let reason): throw CertificateCommandError.archive(archivePath, reason: reason)
            }
        }
        try NewFile.create(archivePath, octets, mode: 0o600)
        return true
    }
}
