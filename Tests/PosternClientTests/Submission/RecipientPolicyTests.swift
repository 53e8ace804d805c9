import NIOCore
import PosternConnection
import PosternMail
import Testing

@testable import PosternClient

@Suite("Submission: recipients and what the server offers")
struct RecipientPolicyTests {
    private static let two = ["bob@example.net", "carol@example.net"]
    private static let plain = CertificatePolicyTests.opening("HELP")
    private static let pipelined = CertificatePolicyTests.opening("PIPELINING")
    private static let chunked = """
        CONNECT 465
        TLS asked
        S: 220 mx
        C: EHLO client.example.org
        S: 250-mx
        S: 250-PIPELINING
        S: 250 CHUNKING

        """

    @Test("SUB-217: with PIPELINING the recipients go out together, but DATA only when all are taken")
    func allTaken() throws {
        try SubmissionDialogue.check(
            Self.pipelined + """
                C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nRCPT TO:<carol@example.net>
                S: 250 ok
                S: 250 ok
                S: 250 ok
                C: DATA
                S: 354 go on
                BODY .\\r\\n
                END
                C: ..
                C: .
                S: 250 queued
                => accepted implicitCertificate
                """, .init(recipients: Self.two))
    }

    @Test("one refused, and nothing is sent", arguments: ["", "PIPELINING", "CHUNKING"])
    func oneRefused(offered: String) throws {
        let envelope =
            offered == ""
            ? """
            C: MAIL FROM:<alice@example.org>
            S: 250 ok
            C: RCPT TO:<bob@example.net>
            S: 550 5.1.1 unknown
            C: RCPT TO:<carol@example.net>
            S: 250 ok

            """
            : """
            C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nRCPT TO:<carol@example.net>
            S: 250 ok
            S: 550 5.1.1 unknown
            S: 250 ok

            """
        let opening = offered == "" ? Self.plain : offered == "PIPELINING" ? Self.pipelined : Self.chunked
        try SubmissionDialogue.check(
            opening + envelope + "=> recipientsRefused, give up", .init(recipients: Self.two))
        // The later recipients are named, so that all refusals are told at once.
        try SubmissionDialogue.check(
            opening + envelope.replacing("550 5.1.1 unknown", with: "450 4.2.1 greylisted") + "=> refused, later",
            .init(recipients: Self.two))
    }

    @Test(
        "the recipient of a single message: DATA may go along, and an empty message ends it where 354 comes all the same (SUB-220)"
    )
    func single() throws {
        try SubmissionDialogue.check(
            Self.pipelined + """
                C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nDATA
                S: 250 ok
                S: 550 5.1.1 unknown
                S: 554 5.5.1 no valid recipients
                => recipientsRefused, give up
                """)
    }

    @Test("in part: it goes to those that are taken")
    func partial() throws {
        try SubmissionDialogue.check(
            Self.pipelined + """
                C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nRCPT TO:<carol@example.net>\\r\\nDATA
                S: 250 ok
                S: 550 5.1.1 unknown
                S: 250 ok
                S: 354 go on
                END
                C: .
                S: 250 queued
                => accepted implicitCertificate
                """, .init(recipients: Self.two, isAllOrNothing: false))
    }

    @Test("RFC 3030: BDAT where CHUNKING and PIPELINING are offered, and only when all are taken")
    func chunks() throws {
        try SubmissionDialogue.check(
            Self.chunked + """
                C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nRCPT TO:<carol@example.net>
                S: 250 ok
                S: 250 ok
                S: 250 ok
                BODY .\\r\\n
                END
                C: BDAT 3 LAST
                C: .
                S: 250 queued
                => accepted implicitCertificate
                """, .init(recipients: Self.two))
    }

    @Test(
        "RFC 9422: more recipients than the server takes at once is an error of its own where all or none are to have it"
    )
    func limits() throws {
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("LIMITS RCPTMAX=1") + "=> tooManyRecipients(limit: 1), give up",
            .init(recipients: Self.two))
    }

    @Test("SUB-218: nothing that is not offered: SIZE, 8BITMIME, SMTPUTF8, DSN")
    func offers() throws {
        let bob = Recipient(
            try #require(Mailbox("bob@example.net")), notify: .never, originalRecipient: nil)
        let envelope = try #require(
            Envelope(reversePath: .null, recipients: [bob], body: .eightBit, returnedContent: .header))
        let message = OutgoingMessage(envelope, length: 1_000, needsInternationalMail: true)
        #expect(RecordedMail.of(message, offered: "HELP").cause == .eightBitNotOffered)
        #expect(RecordedMail.of(message, offered: "8BITMIME").cause == .internationalMailNotOffered)
        #expect(
            RecordedMail.of(message, offered: "8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 999").cause == .tooLarge(limit: 999)
        )
        #expect(
            RecordedMail.of(message, offered: "8BITMIME\r\n250 SMTPUTF8").line
                == "MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n")
        #expect(
            RecordedMail.of(message, offered: "8BITMIME\r\n250-SIZE 1000\r\n250-DSN\r\n250 SMTPUTF8").line
                == "MAIL FROM:<> SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS\r\n")
    }

    @Test("a length that nobody knows is not told")
    func unknownLength() throws {
        let bob = try #require(Mailbox("bob@example.net"))
        let envelope = try #require(Envelope(reversePath: .null, recipients: [bob]))
        let message = OutgoingMessage(envelope, length: nil)
        #expect(RecordedMail.of(message, offered: "SIZE 10").line == "MAIL FROM:<>\r\n")
    }
}

/// The first MAIL of a session to a server with such an offer, or why there is none.
private struct RecordedMail {
    var line: String?
    var cause: ClientFailure.Cause?

    static func of(_ message: OutgoingMessage, offered: String) -> RecordedMail {
        var settings = ClientSettings(hostname: "client.example.org", tls: .none)
        settings.submission = .anonymous
        var session = ClientSession(settings, message, nonce: "n", at: .zero)
        _ = session.receive(.connected, at: .zero)
        _ = session.receive(.bytes(ByteBuffer(string: "220 mx\r\n")), at: .zero)
        let first = offered.contains("\r\n") ? "250-mx\r\n250-" : "250-mx\r\n250 "
        var record = RecordedMail()
        for action in session.receive(.bytes(ByteBuffer(string: "\(first)\(offered)\r\n")), at: .zero) {
            switch action {
            case .send(let octets): record.line = String(buffer: octets)
            case .finished(let results): if case .failed(let failure)? = results.first { record.cause = failure.cause }
            default: break
            }
        }
        return record
    }
}
