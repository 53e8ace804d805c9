import NIOCore
import PosternClient
import PosternConnection
import PosternMail
import PosternSMTP
import Testing

/// A dialogue between a session and a scripted server, read line by line:
///
///     S: 250 ok          the server's line; neighbours come in one piece, or octet by octet
///     C: MAIL FROM:<>    what the session must send next
///     TLS                the session must start TLS, which succeeds
///     TLS asked          the same, and the server asks for a certificate
///     BODY Hello.\r\n    the session must ask for content, and gets this
///     END                the session must ask for content, and there is no more
///     LOST               the connection breaks
///     ALERT              the server ends it with an alert that concerns the certificate
///     WAIT 300           so many seconds pass
///     PROVE              the session must ask for a proof of SCRAM, and gets it
///     NEXT, QUIT         what the shell says to an idle session
///     CLOSE              the session must close
///     delivered 250 ok   the results, in the recipients' order
struct ClientDialogue {
    private(set) var session: ClientSession
    private let message: OutgoingMessage?
    private let showsCertificate: Bool
    private let login: ClientCredentials.Login?
    private let isBytewise: Bool
    private var now = Duration.zero
    private var sent = ""
    private var actions: [ClientSession.Action] = []

    static func check(
        _ text: String, to recipients: [String] = ["bob@example.net"], dialect: ClientSettings.Dialect = .smtp,
        tls: ClientTLS = .none, credentials: ClientCredentials = .none, body: Envelope.Body = .sevenBit,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try check(
            text, recipients.compactMap { Mailbox($0) }.map { Recipient($0) }, dialect: dialect, tls: tls,
            credentials: credentials, body: body, sourceLocation: sourceLocation)
    }

    /// With what the sender wants to hear of it.
    static func check(
        _ text: String, _ recipients: [Recipient], returning returnedContent: ReturnedContent? = nil,
        id: EnvelopeID? = nil, dialect: ClientSettings.Dialect = .smtp, tls: ClientTLS = .none,
        credentials: ClientCredentials = .none, body: Envelope.Body = .sevenBit,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for isBytewise in [false, true] {
            let envelope = try #require(
                Envelope(
                    reversePath: Mailbox("alice@example.org").map(ReversePath.mailbox) ?? .null,
                    recipients: recipients, body: body, returnedContent: returnedContent, id: id))
            let settings = ClientSettings(
                hostname: "mail.example.org", dialect: dialect, tls: tls, credentials: credentials)
            var dialogue = ClientDialogue(settings, OutgoingMessage(envelope, length: 100), isBytewise: isBytewise)
            let location = sourceLocation
            dialogue.play(text.split(separator: "\n").map(String.init), at: location)
        }
    }

    init(
        _ settings: ClientSettings, _ message: OutgoingMessage?, showsCertificate: Bool = false, isBytewise: Bool
    ) {
        self.message = message
        self.showsCertificate = showsCertificate
        self.isBytewise = isBytewise
        login = settings.credentials.login
        session = ClientSession(settings, message, nonce: "rOprNGfwEbeRWgbNEkqO", at: now)
        run(.connected)
    }

    private mutating func play(_ lines: [String], at location: SourceLocation) {
        perform(lines, at: location)
        #expect(sent == "", "nothing more is sent", sourceLocation: location)
        #expect(actions == [], "nothing more is done", sourceLocation: location)
    }

    /// What is left behind the lines is for `conclusion`.
    mutating func perform(_ lines: [String], at location: SourceLocation) {
        var spoken = ""
        for line in lines {
            if line.hasPrefix("S:") {
                spoken += line.dropFirst(3).replacing("\\n", with: "\n") + "\r\n"
                continue
            }
            speak(&spoken)
            step(line, at: location)
        }
        speak(&spoken)
    }

    /// The results of a connection that must have them now, or why there was no message.
    mutating func conclusion(at location: SourceLocation) -> (results: [RecipientResult], failure: ClientFailure?) {
        #expect(sent == "", "nothing more is sent", sourceLocation: location)
        switch actions.first {
        case .finished(let results): return (results, nil)
        case .checked(let failure): return ([], failure)
        default:
            Issue.record("expected results, found \(actions)", sourceLocation: location)
            return ([], nil)
        }
    }

    private mutating func speak(_ text: inout String) {
        defer { text = "" }
        guard !text.isEmpty else { return }
        let octets = Array(text.utf8)
        for piece in isBytewise ? octets.map({ [$0] }) : [octets] { run(.bytes(ByteBuffer(bytes: piece))) }
    }

    private static func content(_ text: String) -> ByteBuffer {
        ByteBuffer(string: text.replacing("\\r", with: "\r").replacing("\\n", with: "\n"))
    }

    private mutating func step(_ line: String, at location: SourceLocation) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "C:":
            let expected = rest.replacing("\\r\\n", with: "\r\n") + "\r\n"
            #expect(sent.hasPrefix(expected), "\(line); it sent \(sent.debugDescription)", sourceLocation: location)
            sent = String(decoding: sent.utf8.dropFirst(expected.utf8.count), as: UTF8.self)
        case "TLS":
            take(.startTLS, line, at: location)
            if rest == "asked" {
                run(.certificateRequested)
                if showsCertificate { run(.certificateShown) }
            }
            run(.tlsEstablished)
        case "PROVE": prove(at: location)
        case "BODY":
            take(.wantBody, line, at: location)
            run(.body(Self.content(rest)))
        case "LAST":
            take(.wantBody, line, at: location)
            run(.lastBody(Self.content(rest)))
        case "END":
            take(.wantBody, line, at: location)
            run(.bodyEnded)
        case "UNREADABLE":
            take(.wantBody, line, at: location)
            run(.bodyFailed(reason: rest))
        case "LOST": run(.lost(reason: "reset"))
        case "ALERT": run(.lost(reason: "alert", tls: .certificateRefused))
        case "WAIT":
            now += .seconds(Int64(rest) ?? 0)
            run(.tick)
        case "NEXT": message.map { run(.next($0)) }
        case "QUIT": run(.quit)
        case "CLOSE": take(.close, line, at: location)
        default:
            guard case .finished(var results)? = actions.first else {
                Issue.record("expected results, found \(actions)", sourceLocation: location)
                return
            }
            #expect(results.removeFirst().line == line, sourceLocation: location)
            actions[0] = .finished(results)
            if results.isEmpty { actions.removeFirst() }
        }
    }

    private mutating func prove(at location: SourceLocation) {
        guard case .prove(let challenge)? = actions.first, let login else {
            Issue.record("expected the wish for a proof, found \(actions)", sourceLocation: location)
            return
        }
        actions.removeFirst()
        run(.proved(challenge.proof(of: login.password)))
    }

    private mutating func take(_ action: ClientSession.Action, _ line: String, at location: SourceLocation) {
        #expect(actions.first == action, "\(line)", sourceLocation: location)
        if !actions.isEmpty { actions.removeFirst() }
    }

    private mutating func run(_ event: ClientSession.Event) {
        for action in session.receive(event, at: now) {
            if case .send(let octets) = action { sent += String(buffer: octets) } else { actions.append(action) }
        }
    }
}

extension RecipientResult {
    /// As a dialogue writes it.
    var line: String {
        switch self {
        case .delivered(let reply, let offersDSN): "\(offersDSN ? "passed on" : "delivered") \(reply.summary)"
        case .deferred(let failure): "deferred \(failure.code) \(failure)"
        case .failed(let failure): "failed \(failure.code) \(failure)"
        case .untried: "untried"
        }
    }
}
