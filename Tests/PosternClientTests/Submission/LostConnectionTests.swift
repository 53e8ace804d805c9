import NIOCore
import NIOPosix
import PosternConnection
import PosternSMTP
import Testing

@testable import PosternClient

@Suite("Submission: connections that end", .timeLimit(.minutes(1)))
struct LostConnectionTests {
    /// What a server says to a ClientHello before it closes.
    private final class Ending: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let words: [UInt8]

        init(_ words: [UInt8]) { self.words = words }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer(bytes: words)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private static func alert(_ number: UInt8) -> [UInt8] { [21, 3, 3, 0, 2, 2, number] }

    private func error(behind words: [UInt8]) async throws -> SubmissionError {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ending(words))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = SubmissionConfiguration(host: "127.0.0.1", hostname: "client.example.org")
        configuration.ports = [SubmissionPort(server.localAddress?.port ?? 0, .implicitTLS)]
        let client = SubmissionClientTests.client(configuration)
        let error = await #expect(throws: SubmissionError.self) { try await client.check() }
        try await server.close()
        return try #require(error)
    }

    @Test("a handshake that ends is a lost connection, and one that is refused is what the alert says")
    func handshake() async throws {
        let lost = try await error(behind: [])
        #expect(lost.reason == .connectionLost && lost.phase == .handshake && lost.retry == .later(after: .seconds(60)))
        #expect(lost.detail.hasSuffix("the TLS handshake failed: closed by the other side"), "\(lost.detail)")
        #expect(lost.hint == "Try again later")
        let broken = try await error(behind: Self.alert(80))
        #expect(broken.reason == .tlsFailed)
        #expect(broken.detail.hasSuffix("the other side ended TLS with the alert 'internal error'"), "\(broken.detail)")
        #expect(!broken.hint.contains("both accept"))
        let refused = try await error(behind: Self.alert(40))
        #expect(refused.reason == .tlsFailed)
        #expect(refused.detail.hasSuffix("'handshake failure'"), "\(refused.detail)")
        #expect(refused.hint.contains("both accept"))
    }

    private func hint(
        _ cause: ClientFailure.Cause, _ port: SubmissionPort = .submissions, asked: Bool = false, shown: Bool = false
    ) -> String {
        let facts = ClientFacts(
            port: port, authentication: .none, isExternalTried: false, tls: nil, isCertificateRequested: asked,
            isCertificateShown: shown, capabilities: ServerCapabilities(), transcript: [])
        return SubmissionDiagnosis(
            failure: ClientFailure(code: "4.4.2", text: "", cause), facts: facts,
            attempt: SubmissionPlan.Attempt(port: port, method: .anonymous), host: "mx"
        ).error().hint
    }

    @Test("of a certificate a lost connection speaks only where one was shown or asked for, right behind it")
    func words() {
        #expect(hint(.lost(.greeting)) == "Try again later")
        #expect(hint(.lost(.mail), asked: true, shown: true) == "Try again later")
        #expect(hint(.lost(.greeting), asked: true, shown: true).contains("refuses it"))
        #expect(hint(.lost(.handshake), asked: true).contains("got none"))
    }

    @Test("a port that says nothing may speak TLS at once, if the client does not")
    func silence() {
        #expect(hint(.timedOut(.greeting), .submission).contains("port 587 speaks TLS at once"))
        #expect(!hint(.timedOut(.greeting)).contains("at once"))
        #expect(!hint(.timedOut(.mail), .submission).contains("at once"))
    }

    @Test("errors of the system are in its words")
    func systemErrors() {
        let reset = IOError(errnoCode: 104, reason: "read(descriptor:pointer:size:)")
        #expect(ClientTLSFailure.words(reset) == "Connection reset by peer")
    }
}
