import ArgumentParser
import PosternCertificates
import PosternConfiguration
import PosternIdentity
import PosternMail
import PosternServer

/// The folder of the demo: an authority, certificates, accounts and a configuration. What is there is used again; what
/// is missing, and certificates that are over, are made.
struct DemoFolder: Sendable {
    let path: String

    var configurationPath: String { "\(path)/postern.yaml" }
    var messagePath: String { "\(path)/message.eml" }
    var linesPath: String { "\(path)/try.txt" }
    var mailPath: String { "\(path)/mail" }
    var authority: AuthorityFolder { AuthorityFolder(path: "\(path)/ca") }
    var server: CertificateFiles { CertificateFiles(name: "\(path)/server") }

    func client(_ account: DemoAccount) -> CertificateFiles {
        CertificateFiles(name: "\(path)/\(account.name)")
    }

    private var accountsPath: String { "\(path)/accounts.yaml" }

    /// Makes whatever is missing.
    /// - Returns: a sentence for each thing that was made.
    func prepare(at now: Timestamp) throws -> [String] {
        var made: [String] = []
        try NewFile.makeFolder(path, mode: 0o700)
        try checkOwnership()
        // First of all: its first line says whose folder this is.
        if try make(configurationPath, Self.configuration, mode: 0o644) { made.append("a configuration, postern.yaml") }
        if try make(accountsPath, { try Self.accounts() }, mode: 0o600) {
            made.append("accounts alice and bob, accounts.yaml")
        }
        _ = try make(messagePath, Self.message, mode: 0o644)
        try NewFile.makeFolder(mailPath, mode: 0o700)
        made += try certificates(at: now)
        return made
    }

    /// A folder that somebody else's files are in is left alone.
    private func checkOwnership() throws {
        if NewFile.exists(configurationPath) {
            let octets = (try? FileContents.of(configurationPath, limit: 1 << 20)) ?? []
            guard !octets.starts(with: Self.mark.utf8) else { return }
        } else if try NewFile.isEmpty(path) {
            return
        }
        throw DemoError.foreignFolder(path)
    }

    private func make(_ path: String, _ text: () throws -> String, mode: UInt32) throws -> Bool {
        guard !NewFile.exists(path) else { return false }
        try NewFile.create(path, try text(), mode: mode)
        return true
    }

    private func make(_ path: String, _ text: String, mode: UInt32) throws -> Bool {
        try make(path, { text }, mode: mode)
    }
}

// Certificates.
extension DemoFolder {
    private func certificates(at now: Timestamp) throws -> [String] {
        var made: [String] = []
        if !isGood(authority.certificatePath, authority.keyPath, at: now) {
            NewFile.remove([authority.certificatePath, authority.keyPath])
            // What the old one has issued is worth nothing under the new one.
            for files in [server] + DemoAccount.all.map(client) { NewFile.remove(files.all) }
            try authority.make(named: "Postern demo CA", at: now)
            made.append("an authority, ca/ca.pem and ca/ca.key")
        }
        let issuer = try authority.open(at: now)
        let start = now + AuthorityFolder.backdating
        if !isGood(server.certificatePath, server.keyPath, at: now) {
            NewFile.remove(server.all)
            let names = ["localhost", "127.0.0.1", "::1"]
            try server.write(try issuer.issueServer(for: names, notBefore: start), issuedBy: issuer)
            made.append("a server certificate for localhost, server.pem and server.key")
        }
        for account in DemoAccount.all where !isGood(client(account).certificatePath, client(account).keyPath, at: now)
        {
            made.append(try makeClient(account, issuer, from: start))
        }
        return made
    }

    private func makeClient(_ account: DemoAccount, _ issuer: IssuingAuthority, from start: Timestamp) throws -> String
    {
        let files = client(account)
        NewFile.remove(files.all)
        guard let mailbox = Mailbox(account.address) else { throw CertificateCommandError.badAddress(account.address) }
        try files.write(try issuer.issueClient(for: mailbox, notBefore: start), issuedBy: issuer)
        let hasArchive = try files.writeArchive(
            authorityPath: authority.certificatePath, label: account.address, password: DemoAccount.archivePassword)
        let archive =
            hasArchive
            ? " and \(account.name).p12 (password: \(DemoAccount.archivePassword))"
            : "; no \(account.name).p12, since the command openssl is not installed"
        return "a client certificate for \(account.address), \(account.name).pem, \(account.name).key\(archive)"
    }

    /// Whether both files are there and the certificate will be good for some time.
    private func isGood(_ certificatePath: String, _ keyPath: String, at now: Timestamp) -> Bool {
        guard NewFile.exists(keyPath), let octets = try? FileContents.of(certificatePath, limit: 1 << 20),
            let chain = try? PresentedChain(pem: octets),
            let facts = Examination(of: chain, against: .nobody).facts
        else { return false }
        return facts.notAfter > now + .seconds(86_400)
    }
}

// Texts.
extension DemoFolder {
    private static let mark = "# Made by `postern demo`"

    private static let configuration = """
        \(mark), which uses it again: change what you like and start it anew.
        hostname: mail.example.org
        state: state
        tls: { certificate: server.pem, key: server.key }
        client-certificates:
          policy: both     # others: explicit (A alone), strict (A alone), implicit (B alone; not with tls: implicit), off
          authorities:
            - { file: ca/ca.pem, domains: [example.org] }
        accounts: accounts.yaml
        next-hop: maildir:mail
        listeners:
          submission: { address: 127.0.0.1, port: 2587, tls: starttls }
          submissions: { address: 127.0.0.1, port: 2465, tls: implicit }
        log: text

        """

    private static func accounts() throws -> String {
        var generator = SystemRandomNumberGenerator()
        let entries = try DemoAccount.all.map { account in
            let stored = try PasswordCommand.stored(Array(account.password.utf8), using: &generator)
            return """
                  \(account.name):
                    addresses: [\(account.address)]
                    password: "\(stored)"   # \(account.password)

                """
        }
        return "accounts:\n" + entries.joined()
    }

    /// With the line ends of mail: curl sends files as they are.
    private static let message = [
        "From: Alice <\(DemoAccount.alice.address)>", "To: Bob <\(DemoAccount.bob.address)>",
        "Subject: A message through Postern", "", "It came by certificate, or by password.", "",
    ].joined(separator: "\r\n")
}

/// Why there is no demo.
enum DemoError: CommandError {
    case foreignFolder(String)

    var description: String {
        switch self {
        case .foreignFolder(let path):
            "\(path) holds files that are not the demo's: choose another folder with --directory"
        }
    }

    var status: ExitCode { .cannotCreate }
}
