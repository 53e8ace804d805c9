import NIOCore
import PosternClient
import PosternMail
import PosternSMTP
import Testing

@testable import PosternSend

/// SMTP on standard input and output (-bs).
@Suite struct DialogueTests {
    /// Says all of it in pieces of a size, and answers each message with this reply.
    private func dialogue(_ text: String, piece: Int = .max, _ reply: Reply = Reply(250, "sent")) -> [String] {
        var account = SendAccount(name: "default", host: "h", ports: [.submissions], hostname: "laptop")
        account.from = "alice@example.org"
        let aliases = try? Aliases(
            reading: Array("staff: alice, carol@example.net\nnobody: /dev/null\n".utf8), named: "aliases")
        let intake = MessageIntake(
            SendArguments(), account, aliases: aliases ?? .none, on: AccountTests.machine,
            at: Timestamp(seconds: 1_795_577_586),
            random: 7)
        var dialogue = SMTPDialogue(hostname: "laptop", addresses: intake)
        var heard: [String] = []
        var rest = Array(text.utf8)[...]
        var content = ""
        while true {
            switch dialogue.next() {
            case .reply(let reply):
                var buffer = ByteBuffer()
                reply.write(into: &buffer)
                heard += String(buffer: buffer).split(separator: "\r\n").map(String.init)
            case .begin(let transaction):
                let recipients = transaction.recipients.map { "\($0.mailbox)" }.joined(separator: ",")
                heard.append("\(transaction.reversePath) -> \(recipients)")
                content = ""
            case .content(let piece): content += String(buffer: piece)
            case .deliver:
                heard.append("[\(content)]")
                dialogue.delivered(reply)
            case .read:
                if rest.isEmpty {
                    dialogue.receiveEnd()
                } else {
                    dialogue.receive(Array(rest.prefix(piece)))
                    rest = rest.dropFirst(min(piece, rest.count))
                }
            case .end: return heard
            }
        }
    }

    private static let message =
        "EHLO alpine\r\nMAIL FROM:<a@example.org> BODY=8BITMIME\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<postmaster>\r\n"
        + "DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n"

    private static let answers = [
        "220 laptop ESMTP Postern", "250-laptop", "250-PIPELINING", "250-8BITMIME", "250-ENHANCEDSTATUSCODES",
        "250 DSN",
        "250 2.1.0 sender taken", "250 2.1.5 recipient taken", "250 2.1.5 recipient taken",
        "354 go on, and end with a dot alone", "<a@example.org> -> b@example.net,postmaster@example.org",
        "[Subject: x\r\n\r\n.dot\r\n]", "250 sent", "221 2.0.0 bye",
    ]

    @Test("Alpine's dialogue, in pieces of every size", arguments: [1, 2, 3, 7, 50, 1_000])
    func alpine(_ piece: Int) {
        #expect(dialogue(Self.message, piece: piece) == Self.answers)
    }

    @Test("Addresses without a domain get the account's, and names of the aliases are replaced")
    func completion() {
        let heard = dialogue(
            "MAIL FROM:<root@localhost>\r\nRCPT TO:<bob>\r\nRCPT TO:<staff>\r\nRCPT TO:<staff@example.net>\r\n"
                + "RCPT TO:<nobody>\r\nDATA\r\n\r\n.\r\n")
        #expect(
            heard.contains(
                "<root@example.org> -> "
                    + "bob@example.org,alice@example.org,carol@example.net,staff@example.net"))
        #expect(
            heard.contains(
                "550 5.1.3 aliases, line 2: '/dev/null' is no address, and mail goes to addresses alone: write one for it"
            ))
    }

    @Test("A person's lines end in LF alone", arguments: [1, 1_000])
    func lineFeeds(_ piece: Int) {
        #expect(dialogue(Self.message.replacing("\r\n", with: "\n"), piece: piece) == Self.answers)
    }

    @Test("Another message may follow, and one that was refused ends nothing")
    func several() {
        let one = "MAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n\r\n.\r\n"
        let heard = dialogue(one + one, Reply(554, EnhancedCode(7, 1), "no"))
        #expect(heard.count { $0 == "554 5.7.1 no" } == 2)
    }

    @Test(
        "What is not right is refused with its code",
        arguments: [
            ("RCPT TO:<a@b.example>", "503 5.5.1 MAIL comes first"), ("DATA", "503 5.5.1 MAIL comes first"),
            ("MAIL FROM:<a b@c.example>", "501 5.1.7 expected MAIL FROM:<local-part@domain>"),
            ("AUTH PLAIN", "502 5.5.1 not offered here"), ("STARTTLS", "502 5.5.1 not offered here"),
            ("BDAT 3", "502 5.5.1 not offered here"), ("HELLO", "500 5.5.1 unknown command"),
            ("MAIL FROM:<a@b.example> X=1", "555 5.5.4 unknown parameter"), ("", "500 5.5.1 unknown command"),
            ("NOOP x\u{0}", "501 5.5.2 only ASCII characters stand in commands"),
        ])
    func refused(_ line: String, _ answer: String) {
        #expect(dialogue("\(line)\r\n") == ["220 laptop ESMTP Postern", answer])
    }

    @Test("A message that has no end is none")
    func cutOff() {
        let heard = dialogue("MAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: x\r\n\r\nhalf")
        #expect(heard.last == "<> -> b@example.net")
    }
}
