import NIOCore
import PosternClient
import PosternConnection
import PosternMail
import Testing

@Suite("Client: random servers")
struct RandomServerTests {
    /// SplitMix64: random, but the same in each run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let replies = [
        "220 mx", "250 ok", "250-mx\r\n250-PIPELINING\r\n250 STARTTLS", "250-mx\r\n250 PIPELINING",
        "250-mx\r\n250 SIZE 9",
        "250-mx\r\n250 AUTH PLAIN", "250-mx\r\n250 AUTH SCRAM-SHA-256 EXTERNAL",
        "250-mx\r\n250 LIMITS RCPTMAX=1 MAILMAX=1",
        "235 ok", "334 cj1ub25jZXgscz1BQUFBLGk9NDA5Ng==", "334 dj1BQUFB", "535 no",
        "354 go on", "354 go on", "250 ok", "250 ok", "250 ok", "450 4.2.0 later", "550 5.1.1 no", "503 what?",
        "552 full",
        "421 bye", "100 x", "", "garbage", "250-open", "220-more", "250",
    ]

    @Test(
        "whatever comes, each message has one result for each recipient, and nothing happens after the end",
        arguments: [ClientSettings.Dialect.smtp, .lmtp], [ClientTLS.none, .may, .verify, .implicit])
    func invariants(dialect: ClientSettings.Dialect, tls: ClientTLS) throws {
        var dice = Dice(state: 20_261_125)
        for _ in 0..<500 { try play(dialect, tls, &dice) }
    }

    private func play(_ dialect: ClientSettings.Dialect, _ tls: ClientTLS, _ dice: inout Dice) throws {
        let recipients = ["a@example.net", "b@example.net", "c@example.net"].compactMap { Mailbox($0) }
        let envelope = try #require(Envelope(reversePath: .null, recipients: recipients))
        let message = OutgoingMessage(envelope, length: 100)
        let isKnown = Bool.random(using: &dice)
        let credentials: ClientCredentials = isKnown ? try .sample(hasCertificate: .random(using: &dice)) : .none
        let settings = ClientSettings(
            hostname: "mail.example.org", dialect: dialect, tls: tls, credentials: credentials)
        var session = ClientSession(settings, message, nonce: "nonce", at: .zero)
        var begun = 1
        var finished = 0
        var now = Duration.zero
        for step in 0..<40 {
            let event = step == 0 ? .connected : step == 39 ? .lost(reason: "over") : event(&dice, message)
            let (wasClosed, wasIdle) = (session.isClosed, session.isIdle)
            if case .next = event, wasIdle { begun += 1 }
            now += .milliseconds(Int.random(in: 0...40_000, using: &dice))
            let actions = session.receive(event, at: now)
            if wasClosed { #expect(actions == []) }
            for action in actions {
                switch action {
                case .finished(let results):
                    finished += 1
                    #expect(results.count == 3)
                case .send(let octets):
                    #expect(octets.readableBytes > 0)
                case .close:
                    #expect(session.isClosed && actions.last == .close)
                case .startTLS, .wantBody, .prove, .checked:
                    break
                }
            }
            #expect((session.deadline == nil) == (session.isIdle || session.isClosed))
        }
        #expect(session.isClosed)
        #expect(finished == begun)
    }

    private func event(_ dice: inout Dice, _ message: OutgoingMessage) -> ClientSession.Event {
        switch Int.random(in: 0..<20, using: &dice) {
        case 0: .tlsEstablished
        case 1: .body(ByteBuffer(string: ".x\r\n.\r\n"))
        case 2: Bool.random(using: &dice) ? .bodyEnded : .lastBody(ByteBuffer(string: "x\r"))
        case 3: .next(message)
        case 4: .tick
        case 5: Bool.random(using: &dice) ? .quit : .bodyFailed(reason: "x")
        case 6: .proved(nil)
        case 7: .bytes(ByteBuffer(string: "25"))
        default: .bytes(ByteBuffer(string: (Self.replies.randomElement(using: &dice) ?? "") + "\r\n"))
        }
    }
}
