import ArgumentParser
import PosternCertificates
import PosternConfiguration
import PosternMail
import PosternQueue

/// `postern certificate issue`: a client certificate for an address.
struct CertificateIssueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a client certificate: NAME.pem, NAME.key and, with the openssl command, NAME.p12.",
        discussion: """
            Nothing that exists is written over. NAME.p12 holds certificate and key for mail programs that import them; \
            its password is the first line of --p12-password-file, or else a new one that is printed here.
            """)

    @Option(help: "The folder of the authority, as `postern certificate authority` made it.")
    var authority: String

    @Option(help: "The mail address that the certificate stands for.")
    var address: String

    @Option(name: .customLong("out"), help: "The path of the files without their endings. (default: the address)")
    var name: String?

    @Option(help: "Days for which it is good, at most as long as the authority.")
    var days = 825

    @Option(help: "A file with the password of NAME.p12 in its first line.")
    var p12PasswordFile: String?

    func validate() throws {
        guard (1...36_500).contains(days) else { throw ValidationError("--days: expected 1 to 36500, found \(days)") }
    }

    func run() throws {
        guard let mailbox = Mailbox(address), mailbox.domain?.isFullyQualified ?? true else {
            throw CertificateCommandError.badAddress(address)
        }
        let now = Timestamp.now
        let folder = AuthorityFolder(path: authority)
        let issuer = try folder.open(at: now)
        let password = try p12PasswordFile.map(Self.password(in:))
        let files = CertificateFiles(name: name ?? Self.fileName(for: mailbox))
        try files.checkAbsence()
        let certificate = try issuer.issueClient(
            for: mailbox, notBefore: now + AuthorityFolder.backdating,
            lifetime: .seconds(days * 86_400) - AuthorityFolder.backdating)
        try files.write(certificate, issuedBy: issuer)
        let end = certificate.facts.map { ", good until \(CalendarDate($0.notAfter))" } ?? ""
        Terminal.print("\(files.certificatePath): the certificate of \(mailbox)\(end)")
        Terminal.print("\(files.keyPath): its private key")
        try writeArchive(files, folder, mailbox, password)
    }

    private func writeArchive(
        _ files: CertificateFiles, _ folder: AuthorityFolder, _ mailbox: Mailbox, _ given: String?
    ) throws {
        let password = given ?? Self.newPassword()
        let isMade = try files.writeArchive(
            authorityPath: folder.certificatePath, label: mailbox.description, password: password)
        if isMade {
            let origin = given == nil ? ": \(password)" : " as in \(p12PasswordFile ?? "")"
            Terminal.print("\(files.archivePath): both, for mail programs that import PKCS#12; password\(origin)")
        } else if given != nil {
            throw CertificateCommandError.opensslMissing(files.archivePath)
        } else {
            Terminal.print("\(files.archivePath): not made; it takes the command openssl, which is not installed")
        }
    }

    private static func password(in path: String) throws -> String {
        let octets: [UInt8]
        do throws(FileContents.Failure) {
            octets = try FileContents.of(path, limit: 4_096)
        } catch {
            throw CertificateCommandError.unreadable(path, reason: error.reason)
        }
        let line = octets.prefix { $0 != UInt8(ascii: "\n") }
        guard (1...200).contains(line.count) else { throw CertificateCommandError.badArchivePassword(path) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Twenty characters that are not taken for one another: about 98 bits.
    private static func newPassword() -> String {
        String((0..<20).compactMap { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() })
    }

    /// The address, with whatever has a meaning to shells and file systems as %XX.
    static func fileName(for mailbox: Mailbox) -> String {
        let octets = mailbox.description.utf8.map { octet in
            octet.isASCIILetter || octet.isASCIIDigit || "@._-+".utf8.contains(octet)
                ? String(UnicodeScalar(octet))
                : "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
        }
        return octets.joined()
    }
}
