import PosternClient
import PosternConnection
import PosternMail
import Testing

@Suite("Client: transactions")
struct TransactionTests {
    static let hello = """
        S: 220 mx.example.net ESMTP
        C: EHLO mail.example.org
        S: 250 mx.example.net

        """
    static let pipelined = """
        S: 220 mx.example.net ESMTP
        C: EHLO mail.example.org
        S: 250-mx.example.net
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250 8BITMIME

        """

    @Test("RFC 5321 §D.1: command by command; a dot at a line's beginning is doubled; QUIT")
    func plain() throws {
        try ClientDialogue.check(
            Self.hello + #"""
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 250 ok
                C: DATA
                S: 354 go on
                BODY Subject: x\r\n\r\n.dot\r\n..two\r
                BODY \n.\r\nend
                END
                C: Subject: x\r\n\r\n..dot\r\n...two\r\n..\r\nend\r\n.
                S: 250 2.0.0 queued as 1
                delivered 250 2.0.0 queued as 1
                QUIT
                C: QUIT
                S: 221 bye
                CLOSE
                """#)
    }

    @Test("RFC 2920: the envelope goes out in one piece; SIZE and BODY as they are offered")
    func pipelining() throws {
        try ClientDialogue.check(
            Self.pipelined + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<bob@example.net>\r\nRCPT TO:<eve@example.net>\r\nDATA
                S: 250 2.1.0 ok
                S: 250 2.1.5 ok
                S: 550 5.1.1 no such user
                S: 354 go on
                BODY x\r\n
                END
                C: x\r\n.
                S: 250-2.0.0 taken
                S: 250 2.0.0 as 1
                delivered 250 2.0.0 taken / as 1
                failed 5.1.1 RCPT was answered 550 5.1.1 no such user
                """#, to: ["bob@example.net", "eve@example.net"], body: .eightBit)
    }

    static let chunking = pipelined.replacing("S: 250 8BITMIME", with: "S: 250-8BITMIME\nS: 250 CHUNKING")

    @Test("RFC 3030 §2: where CHUNKING is offered the content goes in chunks as it is, the last one marked")
    func chunks() throws {
        try ClientDialogue.check(
            Self.chunking + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>
                S: 250 ok
                S: 250 ok
                BODY Subject: x\r\n\r\n.dot\r
                BODY \n.\r\nend
                END
                C: BDAT 18\r\nSubject: x\r\n\r\n.dotBDAT 10 LAST\r\n\r\n.\r\nend
                S: 250 18 octets
                S: 250 2.0.0 queued as 1
                delivered 250 2.0.0 queued as 1
                NEXT
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>
                S: 250 ok
                S: 250 ok
                END
                C: BDAT 0 LAST
                S: 250 2.0.0 queued as 2
                delivered 250 2.0.0 queued as 2
                """#)
    }

    @Test(
        "RFC 3030 §2: nothing is sent to nobody; a refused chunk ends the message, and the last is answered as the end of data"
    )
    func refusedChunks() throws {
        let envelope = #"""
            C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>

            """#
        try ClientDialogue.check(
            Self.chunking + envelope + #"""
                S: 250 ok
                S: 550 5.1.1 no such user
                failed 5.1.1 RCPT was answered 550 5.1.1 no such user
                """#)
        try ClientDialogue.check(
            Self.chunking + envelope + #"""
                S: 250 ok
                S: 250 ok
                BODY one\r\n
                BODY two\r\n
                END
                C: BDAT 5\r\none\r\nBDAT 5 LAST\r\ntwo
                S: 452 4.3.1 no room
                deferred 4.3.1 content was answered 452 4.3.1 no room
                CLOSE
                """#)
        try ClientDialogue.check(
            Self.chunking + envelope + #"""
                S: 250 ok
                S: 250 ok
                BODY one\r\n
                END
                C: BDAT 5 LAST\r\none
                S: 554 5.6.0 no
                failed 5.6.0 end of data was answered 554 5.6.0 no
                """#)
        try ClientDialogue.check(
            Self.chunking + envelope + #"""
                S: 250 ok
                S: 250 ok
                BODY one\r\n
                END
                C: BDAT 5 LAST\r\none
                LOST
                deferred 4.4.2 end of data: the connection was lost: reset; it may have taken the message, which can then come twice
                CLOSE
                """#)
    }

    @Test("The last piece of the content and its end go out together, with and without chunks")
    func lastPiece() throws {
        try ClientDialogue.check(
            Self.chunking + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>
                S: 250 ok
                S: 250 ok
                BODY one\r\n
                LAST .two
                C: BDAT 11 LAST\r\none\r\n.two
                S: 250 2.0.0 queued as 1
                delivered 250 2.0.0 queued as 1
                """#)
        try ClientDialogue.check(
            Self.pipelined + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>\r\nDATA
                S: 250 ok
                S: 250 ok
                S: 354 go on
                LAST one\r\n.two\r\n
                C: one\r\n..two\r\n.
                S: 250 2.0.0 queued as 1
                delivered 250 2.0.0 queued as 1
                """#)
    }

    @Test("RFC 2033 §4.2 with chunks: the last one has a reply for each recipient")
    func chunksByLMTP() throws {
        try ClientDialogue.check(
            Self.chunking.replacing("EHLO", with: "LHLO") + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>\r\nRCPT TO:<eve@example.net>
                S: 250 ok
                S: 250 ok
                S: 250 ok
                BODY x\r\n
                END
                C: BDAT 3 LAST\r\nx
                S: 250 2.0.0 bob has it
                S: 452 4.2.2 eve is full
                delivered 250 2.0.0 bob has it
                deferred 4.2.2 end of data was answered 452 4.2.2 eve is full
                """#, to: ["bob@example.net", "eve@example.net"], dialect: .lmtp)
    }

    @Test("RFC 2920 §3.1: a 354 with nobody left is answered with an empty message, whatever that leads to")
    func pipelinedNobody() throws {
        try ClientDialogue.check(
            Self.pipelined + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>\r\nDATA
                S: 250 ok
                S: 450 4.2.1 later
                S: 354 go on
                C: .
                S: 554 5.5.1 no valid recipients
                deferred 4.2.1 RCPT was answered 450 4.2.1 later
                NEXT
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>\r\nDATA
                LOST
                deferred 4.4.2 MAIL: the connection was lost: reset
                CLOSE
                """#)
    }

    @Test("RFC 2920: a refused MAIL is every recipient's, whatever the commands behind it are answered")
    func pipelinedMailRefused() throws {
        try ClientDialogue.check(
            Self.pipelined + #"""
                C: MAIL FROM:<alice@example.org> SIZE=100\r\nRCPT TO:<bob@example.net>\r\nDATA
                S: 550 5.7.1 not you
                S: 503 5.5.1 MAIL first
                S: 503 5.5.1 MAIL first
                failed 5.7.1 MAIL was answered 550 5.7.1 not you
                """#)
    }

    @Test("after a transaction that was not ended by its content, RSET comes before the next")
    func reset() throws {
        try ClientDialogue.check(
            Self.hello + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 550 no
                failed 5.0.0 RCPT was answered 550 no
                NEXT
                C: RSET
                S: 250 ok
                C: MAIL FROM:<alice@example.org>
                S: 451 4.3.0 later
                deferred 4.3.0 MAIL was answered 451 4.3.0 later
                NEXT
                C: MAIL FROM:<alice@example.org>
                S: 421 4.3.2 going down
                deferred 4.3.2 MAIL was answered 421 4.3.2 going down
                CLOSE
                """)
    }

    @Test("RFC 2033 §4.2: in LMTP each recipient has a reply after the end of data")
    func lmtp() throws {
        try ClientDialogue.check(
            """
            S: 220 mx LMTP
            C: LHLO mail.example.org
            S: 250 mx
            C: MAIL FROM:<alice@example.org>
            S: 250 ok
            C: RCPT TO:<a@example.net>
            S: 250 ok
            C: RCPT TO:<b@example.net>
            S: 550 no
            C: RCPT TO:<c@example.net>
            S: 250 ok
            C: RCPT TO:<d@example.net>
            S: 250 ok
            C: DATA
            S: 354 go on
            END
            C: .
            S: 250 2.0.0 a
            S: 452 4.2.2 c is full
            LOST
            delivered 250 2.0.0 a
            failed 5.0.0 RCPT was answered 550 no
            deferred 4.2.2 end of data was answered 452 4.2.2 c is full
            deferred 4.4.2 end of data: the connection was lost: reset; it may have taken the message, which can then come twice
            CLOSE
            """, to: ["a@example.net", "b@example.net", "c@example.net", "d@example.net"], dialect: .lmtp)
    }

    @Test("SUB-188: 8-bit content is not sent to a server without 8BITMIME; SIZE is looked at before MAIL")
    func obstacles() throws {
        try ClientDialogue.check(
            Self.hello + """
                failed 5.6.3 EHLO does not offer 8BITMIME, which the message needs
                QUIT
                C: QUIT
                WAIT 5
                CLOSE
                """, body: .eightBit)
        try ClientDialogue.check(
            """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 SIZE 99
            failed 5.3.4 EHLO offers SIZE 99, the message has 100 octets
            """)
    }

    private func wishes() throws -> (recipients: [Recipient], id: EnvelopeID?) {
        let original = OriginalRecipient(parameter: "rfc822;Bob+2Bx@example.net".utf8)
        let bob = Recipient(
            try #require(Mailbox("bob@example.net")), notify: Notify("SUCCESS,DELAY".utf8), originalRecipient: original)
        return ([bob, Recipient(try #require(Mailbox("eve@example.net")))], EnvelopeID(xtext: "QQ+20314159".utf8))
    }

    @Test(
        "SUB-189, RFC 3461 §5.2.1: to a server with DSN what the sender said goes on unchanged, and no more than that")
    func deliveryStatus() throws {
        let (recipients, id) = try wishes()
        try ClientDialogue.check(
            """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250-PIPELINING
            S: 250-dsn
            S: 250 SIZE
            C: MAIL FROM:<alice@example.org> SIZE=100 RET=HDRS ENVID=QQ+20314159\\r\\nRCPT TO:<bob@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@example.net\\r\\nRCPT TO:<eve@example.net>\\r\\nDATA
            S: 250 ok
            S: 250 ok
            S: 250 ok
            S: 354 go on
            END
            C: .
            S: 250 2.0.0 taken
            passed on 250 2.0.0 taken
            passed on 250 2.0.0 taken
            """, recipients, returning: .header, id: id)
    }

    @Test("SUB-189, RFC 3461 §5.2.2: a server without DSN is told nothing of it")
    func noDeliveryStatus() throws {
        let (recipients, id) = try wishes()
        try ClientDialogue.check(
            Self.hello + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 250 ok
                C: RCPT TO:<eve@example.net>
                S: 250 ok
                C: DATA
                S: 354 go on
                END
                C: .
                S: 250 2.0.0 taken
                delivered 250 2.0.0 taken
                delivered 250 2.0.0 taken
                """, recipients, returning: .whole, id: id)
    }

    @Test("SUB-184: 552 to RCPT means too many recipients, and is temporary")
    func tooManyRecipients() throws {
        try ClientDialogue.check(
            Self.hello + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 552 5.5.3 too many
                deferred 4.5.3 RCPT was answered 552 5.5.3 too many
                """)
    }

    @Test("content that cannot be read on is not ended: the connection is closed, so nothing of it counts")
    func unreadable() throws {
        try ClientDialogue.check(
            Self.hello + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 250 ok
                C: DATA
                S: 354 ok
                UNREADABLE the file is gone
                deferred 4.3.0 the file is gone
                CLOSE
                """)
    }

    @Test("SUB-183, RFC 9422 §4.2, §4.3: no more recipients, and of no more domains, than the server takes at once")
    func limits() throws {
        let recipients = ["a@example.net", "b@example.net", "c@example.com", "d@example.net"]
        func check(_ limits: String, _ taken: [Int]) throws {
            let commands = taken.map { "RCPT TO:<\(recipients[$0])>\\r\\n" }.joined()
            let replies = taken.map { _ in "S: 250 ok\n" }.joined()
            let results = recipients.indices.map { taken.contains($0) ? "delivered 250 taken" : "untried" }
            try ClientDialogue.check(
                """
                S: 220 mx
                C: EHLO mail.example.org
                S: 250-mx
                S: 250-PIPELINING
                S: 250 LIMITS \(limits)
                C: MAIL FROM:<alice@example.org>\\r\\n\(commands)DATA
                S: 250 ok
                \(replies)S: 354 go on
                END
                C: .
                S: 250 taken
                \(results.joined(separator: "\n"))
                """, to: recipients)
        }
        try check("RCPTMAX=2", [0, 1])
        try check("rcptmax=1 MAILMAX=5", [0])
        try check("RCPTDOMAINMAX=1", [0, 1, 3])
        try check("RCPTMAX=3 RCPTDOMAINMAX=1", [0, 1, 3])
        for limits in ["RCPTMAX=4", "RCPTMAX=0", "RCPTMAX=-1", "RCPTMAX", "RCPTMAX=x", "MAILMAX=9"] {
            try check(limits, [0, 1, 2, 3])
        }
    }

    @Test("RFC 9422 §4.1: after the last transaction that the server allows comes QUIT")
    func lastTransaction() throws {
        try ClientDialogue.check(
            """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 LIMITS MAILMAX=1
            C: MAIL FROM:<alice@example.org>
            S: 550 5.7.1 no
            failed 5.7.1 MAIL was answered 550 5.7.1 no
            C: QUIT
            S: 221 bye
            CLOSE
            """)
    }
}
