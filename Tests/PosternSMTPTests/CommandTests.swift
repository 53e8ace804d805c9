import PosternMail
import PosternSMTP
import Testing

@Suite("Commands")
struct CommandTests {
    private func parse(_ line: String) throws(CommandError) -> Command { try Command(parsing: Array(line.utf8)[...]) }

    @Test("SUB-003: verbs, keywords and parameter names match in any case")
    func letters() throws {
        let mailbox = try #require(Mailbox("Alice@example.org"))
        var parameters = MailParameters()
        parameters.size = 5
        parameters.body = .eightBit
        #expect(try parse("mail from:<Alice@example.org> size=5 body=8bitmime") == .mail(.mailbox(mailbox), parameters))
        #expect(try parse("RcPt tO:<Alice@example.org>") == .rcpt(.mailbox(mailbox)))
        for (text, command) in [
            ("data", Command.data), ("rset", .rset), ("noop", .noop), ("quit", .quit), ("starttls", .startTLS),
            ("help", .help), ("vrfy x", .vrfy), ("expn x", .expn), ("bdat 5 last", .bdat(Chunk(size: 5, isLast: true))),
        ] {
            #expect(try parse(text) == command)
            #expect(try parse(text.uppercased()) == command)
            #expect(try parse(text + " ") == command)
        }
    }

    @Test("Every verb has a command of that verb")
    func verbs() throws {
        let arguments: [Verb: String] = [
            .ehlo: " x", .helo: " x", .mail: " FROM:<>", .rcpt: " TO:<a@b>", .bdat: " 0", .vrfy: " x", .expn: " x",
            .auth: " PLAIN",
        ]
        for verb in Verb.allCases {
            #expect(try parse(verb.rawValue + arguments[verb, default: ""]).verb == verb)
        }
    }

    @Test("SUB-022: a space behind FROM: and TO: is accepted")
    func spaces() throws {
        let mailbox = try #require(Mailbox("a@example.org"))
        #expect(try parse("MAIL FROM: <a@example.org>") == .mail(.mailbox(mailbox), MailParameters()))
        #expect(try parse("RCPT  TO:  <a@example.org>  ") == .rcpt(.mailbox(mailbox)))
    }

    @Test("SUB-023: a source route is accepted and stripped; what looks like one and is none is refused")
    func routes() throws {
        let mailbox = try #require(Mailbox("a@example.org"))
        #expect(try parse("RCPT TO:<@one.example:a@example.org>") == .rcpt(.mailbox(mailbox)))
        #expect(try parse("RCPT TO:<@one.example,@two.example:a@example.org>") == .rcpt(.mailbox(mailbox)))
        for route in [
            "@:", "@one.example,:", "one.example:", "@one..example:", "@one.example,two.example:", "@one.example",
        ] {
            #expect(throws: CommandError.badRecipient) { try parse("RCPT TO:<\(route)a@example.org>") }
        }
    }

    @Test("SUB-030: postmaster needs no domain, in any case")
    func postmaster() {
        for text in ["postmaster", "Postmaster", "POSTMASTER"] {
            #expect((try? parse("RCPT TO:<\(text)>")) == .rcpt(.postmaster))
        }
        #expect(throws: CommandError.badSender) { try parse("MAIL FROM:<postmaster>") }
    }

    @Test(
        "Lines that are no command, each for its reason",
        arguments: [
            ("", CommandError.unknownVerb), (" NOOP", .unknownVerb), ("XYZZY", .unknownVerb), ("NOOPS", .unknownVerb),
            ("NOOP\0", .unknownVerb), ("NOOP\n", .unknownVerb), ("STARTTLSX", .unknownVerb),
            ("get / HTTP/1.1", .unknownVerb),
            ("GET / HTTP/1.1", .anotherProtocol), ("CONNECT x:25", .anotherProtocol),
            ("HTTP/1.1 200 OK", .anotherProtocol),
            ("\u{16}\u{03}\u{01}", .anotherProtocol), ("\nNOOP", .anotherProtocol), ("\0", .anotherProtocol),
            ("{\"a\": 1}", .anotherProtocol), ("ä", .anotherProtocol),
            ("NOOP \0", .controlCharacter), ("NOOP x\ty", .controlCharacter), ("MAIL FROM:<a@b>\r", .controlCharacter),
            ("RCPT TO:<a\n@b>", .controlCharacter), ("NOOP \u{7F}", .controlCharacter),
            ("AUTH PLAIN \0", .controlCharacter),
            ("NOOP ä", .eightBit), ("EHLO ä", .eightBit), ("MAIL FROM:<ä@b>", .eightBit),
            ("EHLO", .argumentMissing(.ehlo)), ("HELO ", .argumentMissing(.helo)), ("MAIL", .argumentMissing(.mail)),
            ("RCPT ", .argumentMissing(.rcpt)), ("VRFY", .argumentMissing(.vrfy)), ("AUTH", .argumentMissing(.auth)),
            ("AUTH  ", .argumentMissing(.auth)), ("DATA x", .argumentNotAllowed(.data)),
            ("RSET x", .argumentNotAllowed(.rset)),
            ("QUIT x", .argumentNotAllowed(.quit)), ("STARTTLS x", .argumentNotAllowed(.startTLS)),
            ("EHLO a b", .badArgument(.ehlo)), ("MAIL <a@b>", .badArgument(.mail)),
            ("MAIL TO:<a@b>", .badArgument(.mail)),
            ("RCPT FROM:<a@b>", .badArgument(.rcpt)), ("MAIL FROM:", .badSender), ("MAIL FROM:a@b", .badSender),
            ("MAIL FROM:<a@b", .badSender), ("MAIL FROM:<a@b>x", .badSender), ("MAIL FROM:<<a@b>>", .badSender),
            ("MAIL FROM:< >", .badSender), ("RCPT TO:<>", .badRecipient), ("RCPT TO:<a>", .badRecipient),
            ("RCPT TO:<\"a@b>", .badRecipient), ("RCPT TO:<a@b> SIZE=5", .unknownParameter),
            ("MAIL FROM:<a@b> X", .unknownParameter), ("MAIL FROM:<a@b> =5", .unknownParameter),
            ("BDAT", .badArgument(.bdat)), ("BDAT x", .badArgument(.bdat)), ("BDAT -1", .badArgument(.bdat)),
            ("BDAT +1", .badArgument(.bdat)), ("BDAT 1 LAST x", .badArgument(.bdat)),
            ("BDAT 1 FIRST", .badArgument(.bdat)),
            ("BDAT 1x", .badArgument(.bdat)), ("BDAT 0x10", .badArgument(.bdat)),
            ("AUTH A.B", .badArgument(.auth)), ("AUTH ABCDEFGHIJKLMNOPQRSTU", .badArgument(.auth)),
            ("AUTH PLAIN a b", .badArgument(.auth)),
        ])
    func refused(_ line: String, _ error: CommandError) {
        #expect(throws: error) { try parse(line) }
    }

    @Test("SUB-064: an initial response that is empty differs from one that is absent")
    func initialResponses() throws {
        #expect(try parse("AUTH external") == .auth(mechanism: "EXTERNAL", .absent))
        #expect(try parse("AUTH EXTERNAL ") == .auth(mechanism: "EXTERNAL", .empty))
        #expect(try parse("AUTH EXTERNAL =") == .auth(mechanism: "EXTERNAL", .empty))
        #expect(try parse("AUTH EXTERNAL  = ") == .auth(mechanism: "EXTERNAL", .empty))
        #expect(try parse("AUTH PLAIN AAA=") == .auth(mechanism: "PLAIN", .text(Array("AAA=".utf8))))
        #expect(try parse("AUTH SCRAM-SHA-256 x") == .auth(mechanism: "SCRAM-SHA-256", .text(Array("x".utf8))))
    }

    @Test("BDAT: a size of digits; what does not fit is as large as can be told")
    func chunks() throws {
        #expect(try parse("BDAT 0") == .bdat(Chunk(size: 0, isLast: false)))
        #expect(try parse("BDAT 0 LAST") == .bdat(Chunk(size: 0, isLast: true)))
        #expect(try parse("BDAT 999999999999999999") == .bdat(Chunk(size: 999_999_999_999_999_999, isLast: false)))
        #expect(try parse("BDAT 000000000000000000007") == .bdat(Chunk(size: 7, isLast: false)))
        #expect(try parse("BDAT 9223372036854775807") == .bdat(Chunk(size: .max, isLast: false)))
        #expect(try parse("BDAT 9223372036854775808") == .bdat(Chunk(size: .max, isLast: false)))
        #expect(try parse("BDAT 18446744073709551616 LAST") == .bdat(Chunk(size: .max, isLast: true)))
    }

    @Test("No octets at all, in any order, end the process")
    func randomOctets() {
        var generator = SeededGenerator(4)
        let verbs = Verb.allCases.map { Array($0.rawValue.utf8) }
        for _ in 0..<20_000 {
            var line = Bool.random(using: &generator) ? (verbs.randomElement(using: &generator) ?? []) + [0x20] : []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let isAny = UInt8.random(in: 0...9, using: &generator) == 0
                line.append(
                    isAny
                        ? UInt8.random(in: .min ... .max, using: &generator)
                        : "FROMTO<>:@.\"\\ =+[]ab1,".utf8.randomElement(using: &generator) ?? 0)
            }
            _ = try? Command(parsing: line[...])
        }
    }

    @Test(
        "SUB-019, SUB-020: a client may call itself much; nothing that would end or begin a part of a Received line",
        arguments: ["x", "mail.example.org", "LAPTOP_1", "127.0.0.1", "[192.0.2.1]", "[IPv6:::1]", "a:b", "a/b", "*"])
    func clientNames(_ text: String) {
        #expect(ClientName(Array(text.utf8)[...])?.description == text)
    }

    @Test(
        "SUB-148: a name that could is none",
        arguments: [
            "", "a b", "a\tb", "a(b", "a)b", "a<b", "a>b", "a;b", "a,b", "a@b", "a\"b", "a\\b", "[a]", "ä", "a\r\nb",
        ])
    func noClientNames(_ text: String) {
        #expect(ClientName(Array(text.utf8)[...]) == nil)
        #expect(ClientName(Array(repeating: UInt8(ascii: "x"), count: 256)[...]) == nil)
        #expect(ClientName(Array(repeating: UInt8(ascii: "x"), count: 255)[...]) != nil)
    }
}
