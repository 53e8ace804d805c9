import Logging
import NIOCore
import NIOSSL
import PosternConnection
import PosternMail
import PosternSASL
import PosternSMTP
import ServiceLifecycle
import Testing

@testable import PosternClient

/// The client over sockets and TLS, against a server in this process.
@Suite("Submission: the client", .timeLimit(.minutes(1)))
struct SubmissionClientTests {
    static let text = SubmissionContent("Subject: hello\r\n\r\nHello.\r\n".utf8)

    static func envelope(_ recipients: String...) throws -> Envelope {
        let alice = try #require(Mailbox("alice@example.org"))
        return try #require(
            Envelope(reversePath: .mailbox(alice), recipients: recipients.compactMap { Mailbox($0) }))
    }

    static func configuration(
        _ server: SubmissionServer, _ security: SubmissionPort.Security = .implicitTLS, host: String = "localhost"
    ) throws -> SubmissionConfiguration {
        let identities = try TestIdentities.shared.get()
        return SubmissionConfiguration(
            host: host, ports: [SubmissionPort(server.port, security)], hostname: "client.example.org",
            certificate: try identities.certificate(), trust: try #require(identities.trust))
    }

    static func client(_ configuration: SubmissionConfiguration) -> SubmissionClient {
        SubmissionClient(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The error of a submission that must fail.
    private func failure(
        _ configuration: SubmissionConfiguration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> SubmissionError {
        let envelope = try Self.envelope("bob@example.net")
        do throws(SubmissionError) {
            _ = try await Self.client(configuration).send(Self.text, envelope: envelope)
        } catch {
            return error
        }
        throw Unexpected.success
    }

    private enum Unexpected: Error { case success }

    private func password() throws -> ClientCredentials.Login {
        try .init(name: "user", password: Secret(preparing: Array("pencil".utf8)))
    }

    @Test(
        "SUB-209, SUB-210: a certificate for a server that asks, and EXTERNAL",
        arguments: [TLSVersion.tlsv12, .tlsv13],
        [SubmissionPort.Security.implicitTLS, .startTLS])
    func external(version: TLSVersion, security: SubmissionPort.Security) async throws {
        let server = try await SubmissionServer(ServerBehaviour(security: security, tls: version))
        for host in ["localhost", "127.0.0.1"] {
            let receipt = try await Self.client(Self.configuration(server, security, host: host))
                .send(Self.text, envelope: Self.envelope("bob@example.net"))
            #expect(receipt.queueID == "7")
            #expect(receipt.isComplete)
            #expect(receipt.connection.authentication == .external(authorizationIdentity: nil))
            #expect(receipt.connection.tls?.version == (version == .tlsv12 ? "TLS 1.2" : "TLS 1.3"))
            #expect(receipt.connection.tls?.isCertificateShown == true)
        }
        #expect(server.seen.certificatesShown == 2)
        #expect(
            server.seen.contents.map { String(decoding: $0, as: UTF8.self) }.last == "Subject: hello\r\n\r\nHello.\r\n")
        try await server.stop()
    }

    @Test("SUB-213: the certificate alone; and once EXTERNAL was refused, the next connection begins with that")
    func implicit() async throws {
        let server = try await SubmissionServer(
            ServerBehaviour(external: "535 5.7.8 broken", honoursCertificate: true))
        let configuration = try Self.configuration(server)
        let first = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        #expect(first.connection.authentication == .implicitCertificate)
        #expect(server.seen.connections == 2)
        _ = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        #expect(server.seen.connections == 3)
        #expect(server.seen.lines.filter { $0.hasPrefix("AUTH") }.count == 1)
        try await server.stop()
    }

    @Test("D7: a certificate that is refused leads to no password, unless that was chosen")
    func passwordAfterRefusal() async throws {
        let server = try await SubmissionServer(ServerBehaviour(mechanisms: "EXTERNAL LOGIN", external: "535 5.7.8 no"))
        var configuration = try Self.configuration(server)
        configuration.login = try password()
        let error = try await failure(configuration)
        #expect(error.reason == .certificateNotAccepted)
        #expect(error.reply?.code == 530)
        #expect(error.hint.contains("EXTERNAL, LOGIN"))
        #expect(!server.seen.lines.contains { $0.hasPrefix("AUTH LOGIN") })
        configuration.usesPasswordAfterRefusedCertificate = true
        let receipt = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        #expect(receipt.connection.authentication == .password(mechanism: "LOGIN"))
        #expect(receipt.connection.tls?.isCertificateShown == false)
        try await server.stop()
    }

    @Test("SUB-209: nobody asks: nothing is shown, and no key is opened")
    func notAsked() async throws {
        let server = try await SubmissionServer(ServerBehaviour(wish: .none))
        var configuration = try Self.configuration(server)
        let identities = try TestIdentities.shared.get()
        let opened = Shared(0)
        configuration.certificate = try .openedWhenAsked(chain: Array(identities.client.certificatePEM.utf8)) {
            opened.change { $0 += 1 }
            return try .pem(Array(identities.client.keyPEM.utf8))
        }
        #expect(try await failure(configuration).reason == .certificateNotRequested)
        #expect(opened.value == 0)
        #expect(!server.seen.lines.contains { $0.hasPrefix("MAIL") })
        try await server.stop()
    }

    @Test(
        "a key that somebody has to open is asked for once, when a server asks",
        arguments: [TLSVersion.tlsv12, .tlsv13])
    func openedWhenAsked(version: TLSVersion) async throws {
        let server = try await SubmissionServer(ServerBehaviour(tls: version))
        var configuration = try Self.configuration(server)
        configuration.pool.messagesPerConnection = 1
        let identities = try TestIdentities.shared.get()
        let opened = Shared(0)
        configuration.certificate = try .openedWhenAsked(chain: Array(identities.client.certificatePEM.utf8)) {
            opened.change { $0 += 1 }
            await Task.yield()
            return try .pem(Array(identities.client.keyPEM.utf8))
        }
        let client = Self.client(configuration)
        for _ in 0..<3 { _ = try await client.send(Self.text, envelope: Self.envelope("bob@example.net")) }
        #expect(opened.value == 1)
        #expect(server.seen.certificatesShown == 3)
        configuration.certificate = try .openedWhenAsked(chain: Array(identities.client.certificatePEM.utf8)) {
            throw CancellationError()
        }
        let error = try await failure(configuration)
        #expect(error.reason == .certificateUnusable)
        #expect(error.phase == .handshake)
        #expect(server.seen.certificatesShown == 3)
        try await server.stop()
    }

    @Test(
        "SUB-207: a server of another name is shown nothing, and the error says which names it has",
        arguments: [TLSVersion.tlsv12, .tlsv13])
    func wrongName(version: TLSVersion) async throws {
        for wish in [ServerBehaviour.CertificateWish.optional, .none] {
            let server = try await SubmissionServer(
                ServerBehaviour(wish: wish, tls: version, names: ["mx.example.com", "imap.example.com"]))
            var configuration = try Self.configuration(server)
            configuration.login = try password()
            let error = try await failure(configuration)
            #expect(error.reason == .serverNameMismatch(names: ["mx.example.com", "imap.example.com"]))
            #expect(error.hint.contains("mx.example.com, imap.example.com"))
            #expect(error.retry == .later(after: nil))
            #expect(server.seen.certificatesShown == 0)
            #expect(server.seen.lines == [])
            try await server.stop()
        }
    }

    @Test("SUB-207: a server of an authority that nobody knows")
    func untrusted() async throws {
        let server = try await SubmissionServer()
        var configuration = try Self.configuration(server)
        let stranger = try TestIdentities.stranger()
        configuration.trust = try ClientTrust(pem: Array(stranger.certificate.certificatePEM.utf8))
        #expect(try await failure(configuration).reason == .serverNotTrusted)
        #expect(server.seen.certificatesShown == 0)
        try await server.stop()
    }

    @Test(
        "SUB-216: the alert of a server that refuses the certificate", arguments: [TLSVersion.tlsv12, .tlsv13],
        [SubmissionPort.Security.implicitTLS, .startTLS])
    func alert(version: TLSVersion, security: SubmissionPort.Security) async throws {
        let server = try await SubmissionServer(
            ServerBehaviour(
                security: security, wish: .required, tls: version, clientAuthority: try TestIdentities.stranger()))
        let error = try await failure(Self.configuration(server, security))
        #expect(error.reason == .certificateRefused)
        #expect(error.phase == .handshake)
        #expect(error.retry == .no)
        try await server.stop()
    }

    @Test(
        "a server that will not do without a certificate, and none is there", arguments: [TLSVersion.tlsv12, .tlsv13])
    func required(version: TLSVersion) async throws {
        let server = try await SubmissionServer(ServerBehaviour(wish: .required, tls: version))
        var configuration = try Self.configuration(server)
        configuration.certificate = nil
        configuration.login = try password()
        #expect(try await failure(configuration).reason == .certificateRequired)
        try await server.stop()
    }

    @Test("the usual mistakes: TLS at once at a port for STARTTLS, and the reverse; nobody there; nobody of that name")
    func mistakes() async throws {
        let clear = try await SubmissionServer(ServerBehaviour(security: .startTLS))
        #expect(try await failure(Self.configuration(clear, .implicitTLS)).reason == .portExpectsSTARTTLS)
        let atOnce = try await SubmissionServer()
        var configuration = try Self.configuration(atOnce, .startTLS)
        configuration.timeouts.greeting = .milliseconds(300)
        let silent = try await failure(configuration)
        #expect(silent.reason == .timedOut && silent.retry == .later(after: .seconds(60)))
        #expect(silent.hint.contains("speaks TLS at once"))
        // The next port is the right one.
        configuration.ports.append(SubmissionPort(atOnce.port, .implicitTLS))
        _ = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        try await clear.stop()
        try await atOnce.stop()
        let nobody = try await failure(Self.configuration(clear))
        #expect(nobody.reason == .unreachable)
        #expect(nobody.retry == .later(after: .seconds(60)))
        configuration.host = "nobody.invalid"
        #expect(try await failure(configuration).reason == .nameNotFound)
    }

    @Test("D7: a credential and a port without TLS: nothing is even connected")
    func clear() async throws {
        let server = try await SubmissionServer(ServerBehaviour(security: .none, unauthenticated: "250 ok"))
        var configuration = try Self.configuration(server, .none)
        #expect(try await failure(configuration).reason == .credentialsNeedTLS)
        #expect(server.seen.connections == 0)
        configuration.certificate = nil
        let receipt = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        #expect(receipt.connection.tls == nil)
        try await server.stop()
    }

    @Test("a result for each recipient, in the receipt and in the error")
    func recipients() async throws {
        let server = try await SubmissionServer(
            ServerBehaviour(recipients: ["RCPT TO:<carol@example.net>": "550 5.1.1 unknown"]))
        let client = Self.client(try Self.configuration(server))
        let envelope = try Self.envelope("bob@example.net", "carol@example.net")
        let error = await #expect(throws: SubmissionError.self) {
            try await client.send(Self.text, envelope: envelope)
        }
        #expect(error?.reason == .recipientsRefused)
        #expect(error?.recipients.map(\.outcome) == [.notSent, .refused(Reply(550, EnhancedCode(1, 1), "unknown"))])
        #expect(server.seen.contents.isEmpty)
        let receipt = try await client.send(Self.text, envelope: envelope, recipients: .partial)
        #expect(!receipt.isComplete)
        #expect(receipt.recipients[0].outcome == .accepted(Reply(250, EnhancedCode(0, 0), "queued as 7")))
        // Over the same connection, with RSET in between.
        #expect(server.seen.connections == 1)
        #expect(server.seen.lines.contains("RSET"))
        try await server.stop()
    }

    @Test(
        "RFC 9422: those whom the server does not take at once come in further transactions, over the same connection")
    func limits() async throws {
        let server = try await SubmissionServer(
            ServerBehaviour(
                extensions: ["LIMITS RCPTMAX=2"], recipients: ["RCPT TO:<d@example.net>": "550 5.1.1 unknown"]))
        let client = Self.client(try Self.configuration(server))
        let envelope = try Self.envelope(
            "a@example.net", "b@example.net", "c@example.net", "d@example.net", "e@example.net")
        let receipt = try await client.send(Self.text, envelope: envelope, recipients: .partial)
        let accepted = RecipientReport.Outcome.accepted(Reply(250, EnhancedCode(0, 0), "queued as 7"))
        let refused = RecipientReport.Outcome.refused(Reply(550, EnhancedCode(1, 1), "unknown"))
        #expect(receipt.recipients.map(\.outcome) == [accepted, accepted, accepted, refused, accepted])
        #expect(server.seen.contents.count == 3)
        #expect(server.seen.connections == 1)
        let (pieces, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        source.yield(ByteBuffer(string: "a: b\r\n"))
        source.finish()
        // What can be read once goes once.
        let once = try await client.send(
            SubmissionContent(stream: pieces, isEightBit: false), envelope: envelope, recipients: .partial)
        #expect(once.recipients.map(\.outcome) == [accepted, accepted, .notSent, .notSent, .notSent])
        try await server.stop()
    }

    @Test("SUB-218: an address beyond ASCII goes to a server with SMTPUTF8 alone")
    func internationalAddress() async throws {
        let bob = try #require(Mailbox(internationalized: "j\u{fc}rgen@example.net"))
        let envelope = try #require(Envelope(reversePath: .null, recipients: [bob]))
        let plain = try await SubmissionServer()
        let error = await #expect(throws: SubmissionError.self) {
            try await Self.client(Self.configuration(plain)).send(Self.text, envelope: envelope)
        }
        #expect(error?.reason == .internationalMailNotOffered)
        #expect(!plain.seen.lines.contains { $0.hasPrefix("MAIL") })
        let able = try await SubmissionServer(ServerBehaviour(extensions: ["8BITMIME", "SMTPUTF8"]))
        _ = try await Self.client(Self.configuration(able)).send(Self.text, envelope: envelope)
        #expect(able.seen.lines.contains("MAIL FROM:<> SMTPUTF8"))
        #expect(able.seen.lines.contains("RCPT TO:<j\u{fc}rgen@example.net>"))
        try await plain.stop()
        try await able.stop()
    }

    @Test("the dialogue on demand, without what AUTH says")
    func transcript() async throws {
        let server = try await SubmissionServer(ServerBehaviour(mechanisms: "PLAIN LOGIN"))
        var configuration = try Self.configuration(server)
        configuration.certificate = nil
        configuration.login = try password()
        configuration.recordsTranscript = true
        let receipt = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        let text = receipt.transcript.joined(separator: "\n")
        #expect(text.contains("C: AUTH PLAIN ****\nS: 235 2.7.0 welcome\nC: MAIL FROM:<alice@example.org>"))
        #expect(!text.contains("AHVzZXIAcGVuY2ls"))
        #expect(text.contains("S: 250 2.0.0 queued as 7"))
        #expect(!text.contains("Hello."))
        configuration.recordsTranscript = false
        let silent = try await Self.client(configuration).send(Self.text, envelope: Self.envelope("bob@example.net"))
        #expect(silent.transcript.isEmpty)
        try await server.stop()
    }

    @Test("C4: a name for EHLO that would be two lines is no name")
    func hostname() async throws {
        let server = try await SubmissionServer()
        var configuration = try Self.configuration(server)
        for name in ["", "client\r\nMAIL FROM:<x@example.org>", "two words", "m\u{fc}ll"] {
            configuration.hostname = name
            #expect(try await failure(configuration).reason == .hostnameUnusable)
        }
        #expect(server.seen.connections == 0)
        try await server.stop()
    }

    @Test("a check connects, authenticates and says goodbye (SUB-223)")
    func check() async throws {
        let server = try await SubmissionServer()
        let check = try await Self.client(Self.configuration(server)).check()
        #expect(check.connection.authentication == .external(authorizationIdentity: nil))
        #expect(server.seen.lines.filter { !$0.hasPrefix("EHLO") && $0 != "QUIT" } == ["AUTH EXTERNAL ="])
        try await server.stop()
    }
}
