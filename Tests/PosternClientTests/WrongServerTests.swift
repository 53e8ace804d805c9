import NIOCore
import PosternClient
import PosternConnection
import PosternMail
import PosternSMTP
import Testing

/// Everything wrong that a server can say at each place of a dialogue.
@Suite("Client: wrong servers")
struct WrongServerTests {
    /// A place: what a good server says up to it, and by which word the failure names it.
    enum Place: String, CaseIterable {
        case greeting
        case ehlo = "EHLO"
        case helo = "HELO"
        case startTLS = "STARTTLS"
        case authentication = "AUTH"
        case mail = "MAIL"
        case recipient = "RCPT"
        case data = "DATA"
        case content
        case end = "end of data"

        var before: [String] {
            switch self {
            case .greeting: []
            case .ehlo: ["220 mx"]
            case .helo: ["220 mx", "500 what?"]
            case .startTLS: ["220 mx", "250-mx\r\n250 STARTTLS"]
            case .authentication: ["220 mx", "250-mx\r\n250 AUTH EXTERNAL"]
            case .mail: ["220 mx", "250 mx"]
            case .recipient: ["220 mx", "250 mx", "250 ok"]
            case .data: ["220 mx", "250 mx", "250 ok", "250 ok"]
            case .content, .end: ["220 mx", "250 mx", "250 ok", "250 ok", "354 go on"]
            }
        }

        var step: ClientStep { ClientStep(rawValue: rawValue) ?? .quit }
        var tls: ClientTLS { self == .startTLS ? .verify : self == .authentication ? .implicit : .none }
        var seconds: Int64 {
            switch self {
            case .data: 120
            case .content: 180
            case .end: 600
            default: 300
            }
        }
        /// Whether a connection that ends here leaves the message with us alone, so that another next hop may have it.
        var precedesContent: Bool { self != .content && self != .end }
        /// Whether a 5yz here is the message's fault and not the connection's.
        var isOfMessage: Bool { [.mail, .recipient, .data, .content, .end].contains(self) }
    }

    private func session(at place: Place) throws -> ScriptedSession {
        let credentials = ClientCredentials(hasCertificate: place == .authentication)
        var session = try ScriptedSession(tls: place.tls, credentials: credentials)
        if session.isSecuring { session.receive(.tlsEstablished) }
        for reply in place.before { session.say(reply + "\r\n") }
        if place == .end { session.receive(.bodyEnded) }
        return session
    }

    private func result(_ actions: [ClientSession.Action]) -> RecipientResult? {
        actions.lazy.compactMap { if case .finished(let results) = $0 { results.first } else { nil } }.first
    }

    @Test("SUB-185: a lost connection defers; after the end of data it is uncertain", arguments: Place.allCases)
    func drop(place: Place) throws {
        var session = try session(at: place)
        let actions = session.receive(.lost(reason: "reset"))
        var failure = ClientFailure(code: "4.4.2", text: "\(place.rawValue): the connection was lost: reset")
        failure.isUncertain = place == .end
        failure.concernsNextHop = place.precedesContent
        failure.cause = .lost(place.step)
        #expect(actions == [.finished([.deferred(failure)]), .close])
    }

    @Test("SUB-182: silence has an end, and octets that make no reply win no time", arguments: Place.allCases)
    func silence(place: Place) throws {
        var session = try session(at: place)
        session.now += .seconds(place.seconds - 1)
        #expect(session.say("2") == [])
        #expect(session.receive(.tick) == [])
        session.now += .seconds(1)
        var failure = ClientFailure(code: "4.4.2", text: "\(place.rawValue): no answer within \(place.seconds) s")
        failure.isUncertain = place == .end
        failure.concernsNextHop = place.precedesContent
        failure.cause = .timedOut(place.step)
        #expect(session.receive(.tick) == [.finished([.deferred(failure)]), .close])
    }

    @Test("421 defers and closes", arguments: Place.allCases)
    func closing(place: Place) throws {
        var session = try session(at: place)
        let actions = session.say("421 4.3.2 going down\r\n")
        guard case .deferred(let failure)? = result(actions) else {
            Issue.record("not deferred: \(actions)")
            return
        }
        #expect(failure.code == "4.3.2")
        #expect(failure.concernsNextHop == place.precedesContent)
        #expect(!failure.isUncertain, "it says that it has not taken the message")
        #expect(failure.text == "\(place.rawValue) was answered 421 4.3.2 going down")
        #expect(actions.last == .close)
    }

    @Test("4yz defers", arguments: Place.allCases)
    func temporary(place: Place) throws {
        var session = try session(at: place)
        var expected = ClientFailure(code: "4.7.1", text: "\(place.rawValue) was answered 450 4.7.1 not now")
        expected.reply = "450 4.7.1 not now"
        expected.concernsNextHop = !place.isOfMessage
        expected.cause = .refused(place.step, Reply(450, EnhancedCode(7, 1), "not now"))
        #expect(result(session.say("450-4.7.1 not\r\n450 4.7.1 now\r\n")) != nil)
        session = try self.session(at: place)
        #expect(result(session.say("450 4.7.1 not now\r\n")) == .deferred(expected))
    }

    @Test("5yz fails the message, unless it is the connection that is refused", arguments: Place.allCases)
    func permanent(place: Place) throws {
        var session = try session(at: place)
        let actions = session.say("554 5.7.1 never\r\n")
        let level = place.isOfMessage ? 5 : 4
        var failure = ClientFailure(code: "\(level).7.1", text: "\(place.rawValue) was answered 554 5.7.1 never")
        failure.reply = "554 5.7.1 never"
        failure.concernsNextHop = !place.isOfMessage
        failure.cause = .refused(place.step, Reply(554, EnhancedCode(7, 1), "never"))
        if place == .ehlo {
            #expect(actions == [.send(ByteBuffer(string: "HELO mail.example.org\r\n"))])
        } else {
            #expect(result(actions) == (place.isOfMessage ? .failed(failure) : .deferred(failure)))
        }
    }

    @Test(
        "garbage defers and closes, named; after the end of data it is uncertain",
        arguments: Place.allCases,
        [
            "HTTP/1.1 200 OK\r\n", "\r\n", "\n", "25\r\n", "999 x\r\n", "250x\r\n", "250-a\r\n251 b\r\n",
            "\u{16}\u{3}\u{1}\n",
            String(repeating: "a", count: 5_000), String(repeating: "250-x\r\n", count: 300),
        ])
    func garbage(place: Place, text: String) throws {
        for piece in [1, text.utf8.count] {
            var session = try session(at: place)
            var actions: [ClientSession.Action] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty, actions.isEmpty {
                actions = session.say(octets: rest.prefix(piece))
                rest = rest.dropFirst(piece)
            }
            guard case .deferred(let failure)? = result(actions) else {
                Issue.record("not deferred: \(actions)")
                return
            }
            #expect(failure.code == "4.5.0")
            #expect(failure.text.hasPrefix("\(place.rawValue) was answered with "))
            #expect(failure.isUncertain == (place == .end))
            #expect(actions.last == .close)
        }
    }

    @Test("a reply that the command does not allow defers and closes", arguments: Place.allCases)
    func misplaced(place: Place) throws {
        let isPositive = place == .data || place == .content || place == .greeting
        for text in isPositive ? ["250 ok\r\n", "334 \r\n"] : ["354 go on\r\n"] {
            if place == .ehlo { continue }
            var session = try session(at: place)
            let actions = session.say(text)
            guard case .deferred(let failure)? = result(actions) else {
                Issue.record("not deferred: \(actions)")
                return
            }
            #expect(failure.text.hasPrefix("\(place.rawValue) was answered "))
            #expect(actions.last == .close)
        }
    }

    @Test("nothing that comes after the end ends the process or does anything")
    func afterTheEnd() throws {
        var session = try session(at: .end)
        session.receive(.lost(reason: "reset"))
        let events: [ClientSession.Event] = [
            .connected, .bytes(ByteBuffer(string: "250 ok\r\n")), .tlsEstablished, .body(ByteBuffer(string: "x")),
            .lastBody(ByteBuffer(string: "x")), .bodyEnded, .bodyFailed(reason: "x"), .quit, .tick, .lost(reason: "x"),
        ]
        for event in events { #expect(session.receive(event) == []) }
    }
}

/// A session with its clock, for tests that look at its actions.
struct ScriptedSession {
    private var session: ClientSession
    var now = Duration.zero
    var isSecuring: Bool { session.isSecuring }

    init(tls: ClientTLS, credentials: ClientCredentials = .none) throws {
        let recipient = try #require(Mailbox("bob@example.net"))
        let envelope = try #require(Envelope(reversePath: .null, recipients: [recipient]))
        let settings = ClientSettings(hostname: "mail.example.org", tls: tls, credentials: credentials)
        session = ClientSession(settings, OutgoingMessage(envelope, length: 100), nonce: "nonce", at: .zero)
        receive(.connected)
    }

    @discardableResult
    mutating func say(_ text: String) -> [ClientSession.Action] {
        // A reply at a time, as a server answers.
        receive(.bytes(ByteBuffer(string: text)))
    }

    mutating func say(octets: some Sequence<UInt8>) -> [ClientSession.Action] {
        receive(.bytes(ByteBuffer(bytes: octets)))
    }

    @discardableResult
    mutating func receive(_ event: ClientSession.Event) -> [ClientSession.Action] {
        session.receive(event, at: now)
    }
}
