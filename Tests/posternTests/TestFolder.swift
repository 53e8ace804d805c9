import Foundation
import PosternCertificates
import PosternConfiguration
import PosternMail
import PosternTestSupport

@testable import postern

/// A folder for one test, with an authority, a server certificate, a client certificate for alice, and a configuration.
/// It goes with the value.
final class TestFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        // A test that could not remove its folder has failed before.
        try? FileManager.default.removeItem(at: url)
    }

    var path: String { url.path }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: url.appending(path: name))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    static let configuration = """
        hostname: mail.example.org
        state: state
        tls: { certificate: server.pem, key: server.key }
        client-certificates:
          authorities:
            - { file: ca/ca.pem, domains: [example.org] }
        accounts: accounts.yaml
        next-hop: discard:

        """

    static let accounts = """
        accounts:
          alice: { addresses: [alice@example.org] }

        """

    /// Certificates as of `Timestamp.testStart`, and the two files of a sound configuration.
    func fill() throws {
        let authority = AuthorityFolder(path: path("ca"))
        try authority.make(named: "Test CA", at: .testStart)
        let issuer = try authority.open(at: .testStart)
        try CertificateFiles(name: path("server")).write(
            try issuer.issueServer(for: ["localhost"], notBefore: .testStart), issuedBy: issuer)
        try CertificateFiles(name: path("alice")).write(
            try issuer.issueClient(for: try mailbox("alice@example.org"), notBefore: .testStart), issuedBy: issuer)
        try write(Self.configuration, to: "postern.yaml")
        try write(Self.accounts, to: "accounts.yaml")
    }

    /// What `postern check` would print, without this folder's path.
    func problems(at now: Timestamp = .testNow) -> [String] {
        Assembled.read(path("postern.yaml"), at: now).problems.map {
            "\($0)".replacing("\(path)/", with: "")
        }
    }
}

struct NotAMailbox: Error {}

func mailbox(_ text: String) throws -> Mailbox {
    guard let mailbox = Mailbox(text) else { throw NotAMailbox() }
    return mailbox
}
