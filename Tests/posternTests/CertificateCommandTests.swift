import Foundation
import PosternCertificates
import PosternMail
import PosternTestSupport
import Testing

@testable import postern

@Suite("Being a small authority")
struct CertificateCommandTests {
    let folder: TestFolder
    let authority: AuthorityFolder

    init() throws {
        folder = try TestFolder()
        authority = AuthorityFolder(path: folder.path("deep/er/ca"))
        try authority.make(named: "Test CA", at: .testNow)
    }

    @Test("keys are for their owner alone, certificates for everyone")
    func modes() throws {
        #expect(try folder.mode("deep/er/ca/ca.key") == 0o600)
        #expect(try folder.mode("deep/er/ca/ca.pem").map { $0 & 0o222 } == 0o200)
        let issuer = try authority.open(at: .testNow)
        let files = CertificateFiles(name: folder.path("out/alice"))
        let certificate = try issuer.issueClient(for: try mailbox("alice@example.org"), notBefore: .testNow)
        try files.write(certificate, issuedBy: issuer)
        #expect(try folder.mode("out/alice.key") == 0o600)
        #expect(try folder.mode("out/alice.pem").map { $0 & 0o222 } == 0o200)
        #expect(try folder.text("out/alice.pem") == certificate.certificatePEM)
    }

    @Test(
        "an authority's name has 1 to 64 visible characters",
        arguments: ["", "a\nb", "a\u{0}", "\u{202E}CA", " CA", "CA ", String(repeating: "x", count: 65), "a\u{2028}b"])
    func badNames(_ name: String) {
        #expect(throws: (any Error).self) {
            try CertificateAuthorityCommand.parse(["--directory", "x", "--name", name])
        }
    }

    @Test(
        "names of people's languages are names",
        arguments: ["CA", "Büro der Ämter", "会社 CA", String(repeating: "x", count: 64)])
    func goodNames(_ name: String) throws {
        #expect(try CertificateAuthorityCommand.parse(["--directory", "x", "--name", name]).name == name)
    }

    @Test("nothing that exists is written over, and nothing is half made")
    func existing() throws {
        let before = try folder.text("deep/er/ca/ca.pem")
        #expect(throws: NewFileError.self) { try authority.make(named: "Other", at: .testNow) }
        #expect(try folder.text("deep/er/ca/ca.pem") == before)
        try FileManager.default.removeItem(atPath: authority.keyPath)
        #expect(throws: NewFileError.self) { try authority.make(named: "Other", at: .testNow) }
        #expect(!NewFile.exists(authority.keyPath))
        try folder.write("mine", to: "bob.p12")
        #expect(throws: NewFileError.self) { try CertificateFiles(name: folder.path("bob")).checkAbsence() }
        // A link that leads elsewhere is not followed.
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.key"), withDestinationPath: folder.path("target"))
        #expect(throws: NewFileError.self) { try NewFile.create(folder.path("link.key"), "x", mode: 0o600) }
        #expect(!NewFile.exists(folder.path("target")))
    }

    @Test("a certificate that is issued is good under the authority that is made")
    func roundTrip() throws {
        let issuer = try authority.open(at: .testNow)
        let certificate = try issuer.issueClient(for: try mailbox("alice@example.org"), notBefore: .testNow)
        let file = try AuthorityFile(pem: Array(try folder.text("deep/er/ca/ca.pem").utf8))
        let trust = Trust(authorities: [Authority(file: file)])
        let state = Examination(of: PresentedChain(der: [certificate.der]), against: trust)
            .state(at: .testNow + .seconds(1), trust: trust)
        guard case .verified(let verified) = state else {
            Issue.record("\(state)")
            return
        }
        #expect(verified.facts.mailboxes == [try mailbox("alice@example.org")])
    }

    @Test("an authority that has expired issues nothing")
    func expired() throws {
        #expect(throws: CertificateCommandError.self) { try authority.open(at: .testNow.adding(days: 4_000)) }
    }

    @Test("openssl opens the PKCS#12 file with its password alone")
    func archive() throws {
        let issuer = try authority.open(at: .testNow)
        let files = CertificateFiles(name: folder.path("alice"))
        try files.write(
            try issuer.issueClient(for: try mailbox("alice@example.org"), notBefore: .testNow), issuedBy: issuer)
        #expect(
            try files.writeArchive(
                authorityPath: authority.certificatePath, label: "alice", password: "pass word"))
        #expect(try folder.mode("alice.p12") == 0o600)
        let opened = ["openssl", "pkcs12", "-in", files.archivePath, "-passin", "stdin", "-nodes"]
        let text = String(decoding: try Subprocess.run(opened, input: Array("pass word\n".utf8)), as: UTF8.self)
        #expect(text.contains("BEGIN PRIVATE KEY"))
        #expect(text.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
        #expect(throws: Subprocess.Failure.self) { try Subprocess.run(opened, input: Array("other\n".utf8)) }
    }

    @Test("file names come of addresses, without what shells and file systems take otherwise")
    func names() throws {
        #expect(CertificateIssueCommand.fileName(for: try mailbox("alice@example.org")) == "alice@example.org")
        #expect(CertificateIssueCommand.fileName(for: try mailbox("a/b$c@example.org")) == "a%2Fb%24c@example.org")
    }
}
