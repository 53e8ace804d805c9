import PosternMail
import Testing

@Suite("Delivery reports")
struct DeliveryReportTests {
    private let moment = Timestamp(seconds: 1_764_072_000)

    private func report(header: [UInt8], _ failures: [DeliveryReport.Failure]) throws -> String {
        let subject = DeliveryReport.Subject(id: QueueID(time: moment, random: 7), received: moment, header: header)
        let report = DeliveryReport(
            id: QueueID(time: moment + .seconds(60), random: 8), from: try #require(Domain("mail.example.org")),
            to: try #require(Mailbox("alice@example.org")), at: moment + .seconds(60), about: subject,
            failures: failures)
        return String(decoding: report.octets, as: UTF8.self)
    }

    private func failure(
        _ recipient: String, status: String, reason: String, reply: DeliveryReport.RemoteReply? = nil
    ) throws -> DeliveryReport.Failure {
        DeliveryReport.Failure(
            recipient: try #require(Mailbox(recipient)), status: status, reason: reason, reply: reply)
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
}
