import PosternMail
import Testing

@Suite("Delivery reports")
struct DeliveryReportTests {
    private let moment = Timestamp(seconds: 1_764_072_000)

    private func report(header: [UInt8], _ entries: [DeliveryReport.Entry]) throws -> String {
        try report(returning: ReturnedPart(header: header), entries)
    }

    private func report(
        returning returned: ReturnedPart, _ entries: [DeliveryReport.Entry], envelopeID: EnvelopeID? = nil
    ) throws -> String {
        let subject = DeliveryReport.Subject(
            id: QueueID(time: moment, random: 7), received: moment, envelopeID: envelopeID)
        let report = DeliveryReport(
            id: QueueID(time: moment + .seconds(60), random: 8), from: try #require(Domain("mail.example.org")),
            to: try #require(Mailbox("alice@example.org")), at: moment + .seconds(60), about: subject,
            entries: entries, returning: returned)
        return String(decoding: report.octets, as: UTF8.self)
    }

    private func failure(
        _ recipient: String, status: String, reason: String, reply: DeliveryReport.RemoteReply? = nil
    ) throws -> DeliveryReport.Entry {
        try entry(recipient, .failed, status: status, reason: reason, reply: reply)
    }

    private func entry(
        _ recipient: String, _ action: DeliveryReport.Action, status: String, reason: String = "",
        original: String? = nil, reply: DeliveryReport.RemoteReply? = nil
    ) throws -> DeliveryReport.Entry {
        let original = original.flatMap { OriginalRecipient(parameter: $0.utf8) }
        return DeliveryReport.Entry(
            Recipient(try #require(Mailbox(recipient)), originalRecipient: original), action, status: status,
            reason: reason, reply: reply)
    }

    @Test("SUB-204: the report in words, its fields for machines, and the header of the message (RFC 3464 §2)")
    func text() throws {
        let refused = try failure(
            "bob@example.net", status: "5.1.1", reason: "mx.example.net:25: RCPT was answered 550 5.1.1 no such user",
            reply: DeliveryReport.RemoteReply(text: "550 5.1.1 no such user", host: "mx.example.net"))
        let unfit = try failure(
            "eve@example.net", status: "5.6.3",
            reason: "mx.example.net:25: EHLO does not offer 8BITMIME, which the message needs")
        let text = try report(header: Array("Subject: x\r\nFrom: alice@example.org\r\n".utf8), [refused, unfit])
        #expect(
            text
                == """
                From: MAILER-DAEMON@mail.example.org
                To: alice@example.org
                Subject: Your message could not be delivered
                Date: Tue, 25 Nov 2025 12:01:00 +0000
                Message-ID: <1KAXE6X3000000000008@mail.example.org>
                Auto-Submitted: auto-replied
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=delivery-status;
                 boundary="=_1KAXE6X3000000000008"

                --=_1KAXE6X3000000000008
                Content-Type: text/plain; charset=us-ascii

                This is the mail server mail.example.org.

                Your message could not be delivered to these recipients, and will not be
                tried again:

                <bob@example.net>: 5.1.1
                    mx.example.net:25: RCPT was answered 550 5.1.1 no such user

                <eve@example.net>: 5.6.3
                    mx.example.net:25: EHLO does not offer 8BITMIME, which the message needs

                It came in on Tue, 25 Nov 2025 12:00:00 +0000 with the queue id
                1KAXE52G000000000007, by which the log here knows it.

                --=_1KAXE6X3000000000008
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mail.example.org
                Arrival-Date: Tue, 25 Nov 2025 12:00:00 +0000

                Final-Recipient: rfc822; bob@example.net
                Action: failed
                Status: 5.1.1
                Remote-MTA: dns; mx.example.net
                Diagnostic-Code: smtp; 550 5.1.1 no such user

                Final-Recipient: rfc822; eve@example.net
                Action: failed
                Status: 5.6.3

                --=_1KAXE6X3000000000008
                Content-Type: text/rfc822-headers

                Subject: x
                From: alice@example.org

                --=_1KAXE6X3000000000008--

                """.replacing("\n", with: "\r\n"))
    }

    @Test("whatever a next hop says and a header holds, the report is 7-bit, of lines that every way can carry")
    func hostile() throws {
        let said = "550 " + String(repeating: "é\r\n--=_\u{0}", count: 200) + String(repeating: "x", count: 2_000)
        let failure = try failure(
            #""a b"@[192.0.2.1]"#, status: "5.0.0", reason: said,
            reply: DeliveryReport.RemoteReply(text: said, host: "[IPv6:2001:db8::1]"))
        let headers = [
            Array("Subject: Grüße = \r\n".utf8), Array("X: ".utf8) + [UInt8](repeating: 120, count: 5_000) + [13, 10],
            [88, 58, 32, 0, 255, 13, 13, 10], [88, 58, 10], Array("no line end".utf8), [],
        ]
        for header in headers {
            let text = try report(header: header, [failure])
            #expect(text.utf8.allSatisfy { $0 < 128 && $0 != 0 })
            for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
                #expect(line.utf8.count <= 998)
                #expect(!line.utf8.contains(13) && !line.utf8.contains(10))
            }
        }
    }

    @Test("RFC 2045 §6.7: a header with 8-bit octets is written quoted-printable")
    func quotedPrintable() throws {
        let failure = try failure("bob@example.net", status: "5.0.0", reason: "no")
        let header =
            Array("Subject: Grüße=\r\nX-Blank: \r\nX-Long: ".utf8) + [UInt8](repeating: 120, count: 80) + [13, 10]
        let text = try report(header: header, [failure])
        let expected = """
            Content-Type: text/rfc822-headers
            Content-Transfer-Encoding: quoted-printable

            Subject: Gr=C3=BC=C3=9Fe=3D
            X-Blank:=20
            X-Long: \(String(repeating: "x", count: 67))=
            \(String(repeating: "x", count: 13))


            """.replacing("\n", with: "\r\n")
        #expect(text.contains(expected))
    }

    @Test(
        "SUB-204, RFC 3461 §6.3: what the sender gave comes back decoded, each kind of outcome with its words and fields"
    )
    func kinds() throws {
        let said = DeliveryReport.RemoteReply(text: "250 2.0.0 ok", host: "mx.example.net")
        let text = try report(
            returning: ReturnedPart(header: Array("Subject: x\r\n".utf8)),
            [
                try entry(
                    "a@example.net", .failed, status: "5.1.1", reason: "no", original: "rfc822;A+2B+20a@example.net"),
                try entry("b@example.net", .failed, status: "5.1.1", reason: "no"),
                try entry(
                    "c@example.net", .delayed(until: moment + .seconds(432_000)), status: "4.2.0", reason: "later",
                    reply: DeliveryReport.RemoteReply(text: "450 4.2.0 later", host: nil)),
                try entry("d@example.net", .delivered, status: "2.0.0"),
                try entry("e@example.net", .relayed, status: "2.0.0", reason: "mx.example.net said: ok", reply: said),
            ], envelopeID: EnvelopeID(xtext: "QQ+20314159".utf8))
        let words = """
            Your message could not be delivered to these recipients, and will not be
            tried again:

            <a@example.net>: 5.1.1
            <b@example.net>: 5.1.1
                no

            Your message has not yet been delivered to this recipient. You need not
            do anything: it is tried again until Sun, 30 Nov 2025 12:00:00 +0000:

            <c@example.net>: 4.2.0
                later

            Your message was delivered to this recipient:

            <d@example.net>: 2.0.0

            Your message was passed on for this recipient to another server, which
            does not tell what becomes of it there:

            <e@example.net>: 2.0.0
                mx.example.net said: ok

            It came in on
            """
        #expect(text.contains(words.replacing("\n", with: "\r\n")))
        let fields = """
            Original-Envelope-Id: QQ 314159
            Reporting-MTA: dns; mail.example.org
            Arrival-Date: Tue, 25 Nov 2025 12:00:00 +0000

            Original-Recipient: rfc822; A+ a@example.net
            Final-Recipient: rfc822; a@example.net
            Action: failed
            Status: 5.1.1

            Final-Recipient: rfc822; b@example.net
            Action: failed
            Status: 5.1.1

            Final-Recipient: rfc822; c@example.net
            Action: delayed
            Status: 4.2.0
            Diagnostic-Code: smtp; 450 4.2.0 later
            Will-Retry-Until: Sun, 30 Nov 2025 12:00:00 +0000

            Final-Recipient: rfc822; d@example.net
            Action: delivered
            Status: 2.0.0

            Final-Recipient: rfc822; e@example.net
            Action: relayed
            Status: 2.0.0
            Remote-MTA: dns; mx.example.net
            Diagnostic-Code: smtp; 250 2.0.0 ok


            """
        #expect(text.contains(fields.replacing("\n", with: "\r\n")))
        for (action, title) in [
            (DeliveryReport.Action.delayed(until: moment), "Your message is delayed"),
            (.delivered, "Your message was delivered"), (.relayed, "Your message was passed on"),
        ] {
            let text = try report(header: [], [try entry("a@example.net", action, status: "2.0.0")])
            #expect(text.contains("\r\nSubject: \(title)\r\n"))
        }
    }

    @Test("RFC 3461 §6.2: a whole message comes back if it is small and needs no encoding, which its part may not have")
    func whole() throws {
        let message = Array("Subject: x\r\n\r\n--=_\r\n.\r\nHello\r\n".utf8)
        let part = try #require(ReturnedPart(whole: message))
        let text = try report(returning: part, [try failure("bob@example.net", status: "5.0.0", reason: "no")])
        #expect(
            text.contains("\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--=_\r\n.\r\nHello\r\n\r\n--=_"))
        let line = [UInt8](repeating: 120, count: 62) + [13, 10]
        let lines = Array(repeatElement(line, count: 1_024).joined())
        #expect(ReturnedPart(whole: lines)?.length == lines.count + 32)
        let unfits: [[UInt8]] = [
            lines + [120, 13, 10], Array("ä\r\n".utf8), Array("a\nb\r\n".utf8), [0, 13, 10],
            [UInt8](repeating: 120, count: 1_000) + [13, 10],
        ]
        for unfit in unfits { #expect(ReturnedPart(whole: unfit) == nil) }
    }

    @Test("what a report brings back of a header is bounded, encoded or not, and ends with a line")
    func bounded() {
        let plain = Array(repeatElement(Array("X: y\r\n".utf8), count: 20_000).joined())
        let line: [UInt8] = [88, 58, 32, 228, 228, 228, 228, 13, 10]
        let eightBit = Array(repeatElement(line, count: 20_000).joined())
        for header in [plain, eightBit, [UInt8](repeating: 228, count: 100_000)] {
            let part = ReturnedPart(header: header)
            #expect((16 * 1_024...66 * 1_024).contains(part.length))
        }
    }
}
