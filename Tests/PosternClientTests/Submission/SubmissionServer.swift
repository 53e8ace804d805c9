import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import PosternCertificates
import PosternConnection
import PosternMail

@testable import PosternClient

/// What a server does.
struct ServerBehaviour: Sendable {
    enum CertificateWish: Sendable { case none, optional, required }

    var security = SubmissionPort.Security.implicitTLS
    var wish = CertificateWish.optional
    var tls: TLSVersion?
    /// Listed in TLS.
    var mechanisms = "EXTERNAL"
    var external = "235 2.7.0 welcome"
    var password = "235 2.7.0 welcome"
    /// To MAIL of whoever has not authenticated.
    var unauthenticated = "530 5.7.0 authentication required"
    var honoursCertificate = false
    var extensions = ["PIPELINING", "8BITMIME"]
    var recipients: [String: String] = [:]
    /// To the end of data; nil is never said.
    var final: String? = "250 2.0.0 queued as 7"
    /// The server's own.
    var names = ["localhost", "127.0.0.1"]
    /// Whose certificates of clients it believes; nil is the authority of its own.
    var clientAuthority: IssuingAuthority?
}

/// Identities for tests.
struct TestIdentities: Sendable {
    let authority: IssuingAuthority
    let client: IssuedCertificate

    static let shared = Result { try TestIdentities() }

    /// Made for now, since TLS looks at the clock.
    private static let start = Timestamp(seconds: Int64(time(nil))) + .seconds(-3_600)

    private init() throws {
        authority = try IssuingAuthority(named: "Test", notBefore: Self.start, lifetime: .seconds(86_400))
        let alice = Mailbox("alice@example.org")
        guard let alice else { throw CancellationError() }
        client = try authority.issueClient(for: alice, notBefore: Self.start, lifetime: .seconds(43_200))
    }

    static func stranger() throws -> IssuingAuthority {
        try IssuingAuthority(named: "Stranger", notBefore: start, lifetime: .seconds(86_400))
    }

    func server(for names: [String]) throws -> IssuedCertificate {
        try authority.issueServer(for: names, notBefore: Self.start, lifetime: .seconds(43_200))
    }

    var trust: ClientTrust? { try? ClientTrust(pem: Array(authority.certificate.certificatePEM.utf8)) }

    func certificate() throws -> ClientCertificate {
        try .pem(chain: Array(client.certificatePEM.utf8), key: Array(client.keyPEM.utf8))
    }
}

/// A server in this process, on a port of the system's choice.
final class SubmissionServer: Sendable {
    struct Record: Sendable {
        var connections = 0
        var open = 0
        var mostOpen = 0
        var certificatesShown = 0
        var lines: [String] = []
        var contents: [[UInt8]] = []
    }

    let port: Int
    private let channel: any Channel
    private let record: Shared<Record>

    var seen: Record { record.value }

    init(_ behaviour: ServerBehaviour = ServerBehaviour()) async throws {
        let identities = try TestIdentities.shared.get()
        let context = try Self.context(behaviour, identities)
        let record = Shared(Record())
        self.record = record
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if behaviour.security == .implicitTLS {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    let handler = SubmissionServerHandler(behaviour, context) { record.change($0) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close().get() }

    private static func context(_ behaviour: ServerBehaviour, _ identities: TestIdentities) throws -> NIOSSLContext {
        let issued = try identities.server(for: behaviour.names)
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(issued.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(issued.keyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        let authority = behaviour.clientAuthority ?? identities.authority
        let roots = try NIOSSLCertificate.fromPEMBytes(Array(authority.certificate.certificatePEM.utf8))
        switch behaviour.wish {
        case .none: configuration.certificateVerification = .none
        case .optional: configuration.certificateVerification = .optionalVerification
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        configuration.trustRoots = .certificates(roots)
        if let version = behaviour.tls {
            configuration.minimumTLSVersion = version
            configuration.maximumTLSVersion = version
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

private final class SubmissionServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Note = @Sendable ((inout SubmissionServer.Record) -> Void) -> Void

    private enum Mode {
        case commands
        case data
        case chunk(left: Int, isLast: Bool)
        case password(steps: Int)
    }

    private let behaviour: ServerBehaviour
    private let tls: NIOSSLContext
    private let note: Note
    private var input = ByteBuffer()
    private var mode = Mode.commands
    private var content: [UInt8] = []
    private var isSecure = false
    private var hasCertificate = false
    private var isAuthenticated = false

    init(_ behaviour: ServerBehaviour, _ tls: NIOSSLContext, _ note: @escaping Note) {
        self.behaviour = behaviour
        self.tls = tls
        self.note = note
    }

    func channelActive(context: ChannelHandlerContext) {
        note { record in
            record.connections += 1
            record.open += 1
            record.mostOpen = max(record.mostOpen, record.open)
        }
        if behaviour.security != .implicitTLS { say("220 mx ESMTP", context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) { note { $0.open -= 1 } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted = event else { return }
        isSecure = true
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        hasCertificate = handler?.peerCertificate != nil
        if hasCertificate { note { $0.certificatesShown += 1 } }
        if behaviour.security == .implicitTLS { say("220 mx ESMTP", context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        input.writeBuffer(&octets)
        while step(context) {}
    }

    /// - Returns: whether there may be more to do.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        if case .chunk(let left, let isLast) = mode {
            let octets = input.readBytes(length: min(left, input.readableBytes)) ?? []
            content += octets
            mode = .chunk(left: left - octets.count, isLast: isLast)
            guard octets.count == left else { return false }
            mode = .commands
            isLast ? finish(context) : say("250 2.0.0 chunk", context)
            return true
        }
        guard let end = input.readableBytesView.firstIndex(of: 10) else { return false }
        let line = input.readBytes(length: end - input.readerIndex + 1) ?? []
        if case .data = mode {
            takeContent(line, context)
        } else {
            let text = String(decoding: line.dropLast(2), as: UTF8.self)
            note { $0.lines.append(text) }
            take(text, context)
        }
        return true
    }

    private func takeContent(_ line: [UInt8], _ context: ChannelHandlerContext) {
        if line == Array(".\r\n".utf8) {
            mode = .commands
            return finish(context)
        }
        content += line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]
    }

    private func finish(_ context: ChannelHandlerContext) {
        let whole = content
        content = []
        note { $0.contents.append(whole) }
        if let final = behaviour.final { say(final, context) }
    }

    private func take(_ line: String, _ context: ChannelHandlerContext) {
        if case .password(let steps) = mode {
            mode = steps > 1 ? .password(steps: steps - 1) : .commands
            return steps > 1 ? say("334 UGFzc3dvcmQ6", context) : logIn(behaviour.password, context)
        }
        let words = line.split(separator: " ")
        switch words.first {
        case "EHLO": greet(context)
        case "STARTTLS": startTLS(context)
        case "AUTH" where words[1] == "EXTERNAL": logIn(behaviour.external, context)
        case "AUTH" where words[1] == "LOGIN":
            mode = .password(steps: 2)
            say("334 VXNlcm5hbWU6", context)
        case "AUTH": logIn(behaviour.password, context)
        case "MAIL": say(mayMail ? "250 2.1.0 ok" : behaviour.unauthenticated, context)
        case "RCPT": say(behaviour.recipients[line] ?? "250 2.1.5 ok", context)
        case "DATA":
            mode = .data
            say("354 go on", context)
        case "BDAT": mode = .chunk(left: Int(words[1]) ?? 0, isLast: words.last == "LAST")
        case "QUIT":
            say("221 2.0.0 bye", context)
            context.close(promise: nil)
        default: say("250 2.0.0 ok", context)
        }
    }

    private var mayMail: Bool { isAuthenticated || (behaviour.honoursCertificate && hasCertificate) }

    private func logIn(_ reply: String, _ context: ChannelHandlerContext) {
        if reply.hasPrefix("235") { isAuthenticated = true }
        say(reply, context)
    }

    private func greet(_ context: ChannelHandlerContext) {
        var lines = ["mx"] + behaviour.extensions
        if isSecure, !behaviour.mechanisms.isEmpty { lines.append("AUTH \(behaviour.mechanisms)") }
        if !isSecure, behaviour.security == .startTLS { lines.append("STARTTLS") }
        let text = lines.enumerated().map { "250\($0.offset == lines.count - 1 ? " " : "-")\($0.element)" }
        say(text.joined(separator: "\r\n"), context)
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        say("220 2.0.0 go", context)
        let handler = NIOSSLServerHandler(context: tls)
        try? context.pipeline.syncOperations.addHandler(handler, position: .first)
    }

    private func say(_ reply: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "\(reply)\r\n")), promise: nil)
    }
}
