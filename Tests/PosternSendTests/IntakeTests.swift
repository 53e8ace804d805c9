import PosternClient
import PosternMail
import Testing

@testable import PosternSend

/// What becomes of a message between the program that hands it in and the server.
@Suite struct IntakeTests {
    private static let now = Timestamp(seconds: 1_795_577_586)

    private func prepare(
        _ message: String, _ words: String..., from: String? = "alice@example.org", aliases: String = "",
        rules: SendAccount.HeaderRules = .init()
    ) throws -> PreparedMessage {
        let arguments = try SendArguments(reading: words, as: .sendmail)
        var account = SendAccount(name: "default", host: "h", ports: [.submissions], hostname: "laptop")
        account.from = from
        account.header = rules
        let intake = MessageIntake(
            arguments, account, aliases: try Aliases(reading: Array(aliases.utf8), named: "aliases"),
            on: AccountTests.machine, at: Self.now, random: 7)
        try intake.checkArguments()
        var reader = HeaderReader()
        reader.read(message.utf8)
        reader.end()
        return try intake.prepare(header: reader.header, bodyStart: reader.rest)
    }

    private func text(_ message: PreparedMessage) -> String { String(decoding: message.header, as: UTF8.self) }

    private func recipients(_ message: PreparedMessage) -> [String] { message.recipients.map { "\($0.mailbox)" } }

    private static let complete = "From: a@b.example\nDate: x\nMessage-ID: <1@b.example>\n"

    @Test("A header that lacks nothing stays octet by octet, odd fields and all")
    func untouched() throws {
        let header = Self.complete + "X-Odd:\t two  blanks \n and a fold\nTo: \"B, ob\" <bob@example.net>\n"
        let message = try prepare(header + "\nbody", "bob@example.net")
        #expect(text(message) == header)
        #expect(message.edits.isEmpty)
    }

    @Test("A message without a header gets one, and the empty line")
    func bare() throws {
        let message = try prepare("hello\nthere: no\n", "bob@example.net")
        #expect(
            text(message) == """
                From: alice@example.org
                Date: Wed, 25 Nov 2026 03:33:06 +0000
                Message-ID: <\(QueueID(time: Self.now, random: 7))@example.org>


                """)
        #expect(message.reversePath.description == "<alice@example.org>")
    }

    @Test("Lines that are added end as the others do")
    func lineEnds() throws {
        let message = try prepare("Subject: x\r\n\r\nbody", "-t", "bob@example.net")
        #expect(text(message).split(separator: "\r\n", omittingEmptySubsequences: false).count == 5)
        #expect(!text(message).replacing("\r\n", with: "").contains("\n"))
    }

    @Test("cron: a bare root and From: root (Cron Daemon) get the account's domain, and the rule is told")
    func cron() throws {
        let message = try prepare(
            "From: root (Cron Daemon)\nTo: root\nSubject: x\n\nbody", "-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root"
        )
        #expect(text(message).hasPrefix("From: root@example.org (Cron Daemon)\nTo: root@example.org\nSubject: x\nDate"))
        #expect(recipients(message) == ["root@example.org"])
        #expect(
            message.edits.prefix(2).map(\.description) == [
                "completed From: root is root@example.org", "completed To: root is root@example.org",
            ])
    }

    @Test(
        "Only what nobody else could reach is completed",
        arguments: [
            ("root", "root@example.org"), ("root@localhost", "root@example.org"), ("root@laptop", "root@example.org"),
            ("root@laptop.example.org", "root@laptop.example.org"), ("bob@example.net", "bob@example.net"),
            ("<bob@example.net>", "bob@example.net"),
        ])
    func completion(_ typed: String, _ mailbox: String) throws {
        #expect(recipients(try prepare("", typed)) == [mailbox])
    }

    @Test("Without a domain in the account, the machine's own is taken")
    func machineDomain() throws {
        let message = try prepare("", "root", from: nil)
        #expect(recipients(message) == ["root@laptop.example.org"])
        #expect(message.reversePath.description == "<alice@laptop.example.org>")
    }

    @Test("-t takes To, Cc and Bcc beside what is named, none twice; Bcc goes")
    func readsRecipients() throws {
        let message = try prepare(
            Self.complete
                + "To: Bob <bob@example.net>, \"Last, First\" <carol@example.net>\n (a comment)\nCc: team: d@example.net,"
                + "e@example.net; , Bob@example.net\nBcc: f@example.net,\n\tbob@example.net\n\n", "-t", "g@example.net")
        #expect(
            recipients(message) == [
                "g@example.net", "bob@example.net", "carol@example.net", "d@example.net", "e@example.net",
                "Bob@example.net",
                "f@example.net",
            ])
        #expect(!text(message).contains("f@example.net"))
        #expect(message.edits.map(\.description) == ["removed Bcc"])
    }

    @Test("Where a message was sent again, -t takes the first block of Resent- fields alone")
    func resent() throws {
        let message = try prepare(
            "Received: x\nResent-To: a@example.net\nResent-Bcc: b@example.net\nReceived: y\nResent-To: c@example.net\n"
                + Self.complete + "To: d@example.net\n\n", "-t")
        #expect(recipients(message) == ["a@example.net", "b@example.net"])
        #expect(!text(message).contains("Resent-Bcc"))
    }

    @Test(
        "C3: what holds a line end, a NUL or a space is no address, named or in the header",
        arguments: [
            "a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example\n", "a b@c.example", "\"a b\"@c.example",
            "a@b.example>x", "a\u{0}@b.example",
        ])
    func injection(_ address: String) {
        #expect { try prepare("", address) } throws: { ($0 as? IntakeError)?.status == .dataError }
        #expect { try prepare("", "-f", address, "b@example.net") } throws: {
            ($0 as? IntakeError)?.status == .dataError
        }
        #expect { try prepare("To: <\(address)>\n\n", "-t") } throws: { error in
            [.dataError, .usage].contains((error as? IntakeError)?.status)
        }
    }

    @Test("C3: a lone CR in a field makes no field of what stands behind it")
    func loneCarriageReturn() throws {
        let message = try prepare(Self.complete + "Subject: x\rBcc: y@example.net\n\n", "-t", "b@example.net")
        #expect(recipients(message) == ["b@example.net"])
        #expect(text(message).hasSuffix("Subject: x Bcc: y@example.net\n"))
    }

    @Test("C3: a name of -F cannot end its field")
    func name() throws {
        #expect(text(try prepare("", "-F", "A\r\nBcc: b@example.net", "b@example.net")).hasPrefix("From: \"A  Bcc: b"))
    }

    @Test(
        "Names in From: atoms as they are, else in quotes, else in encoded words",
        arguments: [
            ("CronDaemon", "CronDaemon"), ("J. \"X\" Doe", "\"J. \\\"X\\\" Doe\""),
            ("Jürgen", "=?utf-8?Q?J=C3=BCrgen?="),
        ])
    func names(_ name: String, _ written: String) throws {
        #expect(text(try prepare("", "-F", name, "b@example.net")).hasPrefix("From: \(written) <alice@example.org>\n"))
    }

    @Test("The sender: -f, the null one, the header's, the account's alone where others are not allowed")
    func sender() throws {
        #expect(try prepare("", "-f", "x@example.net", "b@example.net").reversePath.description == "<x@example.net>")
        #expect(try prepare("", "-f", "", "b@example.net").reversePath == .null)
        let header = "From: <x@example.net>\n\n"
        #expect(
            try prepare(header, "--read-envelope-from", "b@example.net").reversePath.description == "<x@example.net>")
    }

    @Test("Aliases change the envelope, for local names alone; default takes the others")
    func aliases() throws {
        let file =
            "# of the machine\nroot: alice@example.org, ops # both\nops:\n carol@example.net\ndefault: admin@example.org\n"
        let message = try prepare(Self.complete + "To: root\n\n", "-t", "x", "root@example.com", aliases: file)
        #expect(
            recipients(message) == ["admin@example.org", "root@example.com", "alice@example.org", "carol@example.net"])
        #expect(text(message).contains("To: root@example.org"))
        #expect { try prepare("", "a", aliases: "a: b\nb: a") } throws: { "\($0)" == "the alias 'a' leads to itself" }
    }

    @Test("Reports are asked for with the address that the sender wrote")
    func reports() throws {
        let message = try prepare("", "-Nsuccess", "root", aliases: "root: alice@example.net")
        #expect(message.recipients[0].originalRecipient?.parameter == "rfc822;root@example.org")
        #expect(try prepare("", "b@example.net").recipients[0].originalRecipient == nil)
    }

    @Test(
        "Words of a header that are not ASCII are encoded, and the others stay (RFC 2047)",
        arguments: [
            ("Subject: für Ärger: ok", "Subject: =?utf-8?B?ZsO8ciDDhHJnZXI6?= ok"),
            ("From: \"Jürgen\" <j@b.example>", "From: =?utf-8?Q?J=C3=BCrgen?= <j@b.example>"),
            ("To: bob (Bär, \"x\")", "To: bob@example.org (=?utf-8?Q?B=C3=A4r?=, \"x\")"),
            ("Cc: Bär Ñ <a@b.example>, c@d.example", "Cc: =?utf-8?B?QsOkciDDkQ==?= <a@b.example>, c@d.example"),
            ("X-Note: a\n é", "X-Note: a\n =?utf-8?B?w6k=?="), ("Subject: plain", "Subject: plain"),
        ])
    func encodedHeader(_ field: String, _ written: String) throws {
        var rules = SendAccount.HeaderRules()
        (rules.from, rules.addsDate, rules.addsMessageID) = (.off, false, false)
        let message = try prepare("\(field)\n\n", "b@example.net", rules: rules)
        #expect(text(message) == "\(written)\n")
    }

    @Test("Octets that are no UTF-8 are encoded as what nobody knows")
    func unknownCharset() {
        let field = FieldEncoder(lineEnd: [.lineFeed]).encoded(
            Array("Subject: ".utf8) + [0xE4, UInt8(ascii: "x")], named: "subject")
        #expect(String(decoding: field, as: UTF8.self) == "Subject: =?unknown-8bit?B?5Hg=?=")
    }

    @Test("Rules of the account: From always, no Date, Bcc kept, recipients hidden")
    func rules() throws {
        var rules = SendAccount.HeaderRules()
        rules.from = .on
        rules.addsDate = false
        rules.addsMessageID = false
        rules.hidesRecipients = true
        let message = try prepare("From: x@example.net\nTo: y@example.net\nSubject: z\n\n", "-t", rules: rules)
        #expect(text(message) == "Subject: z\nTo: undisclosed-recipients:;\nFrom: alice@example.org\n")
        #expect(recipients(message) == ["y@example.net"])
    }

    @Test("Behind a line that is no field no addresses may stand: they would be missed, and read by everybody")
    func broken() throws {
        #expect { try prepare("To: a@b.example\nX-Broken line\nBcc: c@d.example\n\nx", "-t") } throws: { error in
            (error as? IntakeError)?.status == .dataError
                && "\(error)".hasPrefix("'X-Broken line' is no field of a header, and behind it stands 'bcc'")
        }
        #expect(throws: IntakeError.self) { try prepare("Subject: x\r\nhello\r\nBcc: c@d.example", "b@example.net") }
        #expect(throws: IntakeError.self) { try prepare("Subject: x\nhello\nTo: c@d.example\n", "-t", "b@example.net") }
        let message = try prepare(Self.complete + "hello\nTo: you\n\nBcc: c@d.example", "b@example.net")
        #expect(text(message) == Self.complete + "\n")
    }

    @Test("Aliases that lead to a program or a file are refused with their line, when they are used")
    func aliasTargets() throws {
        let file = "nobody: /dev/null\nrun: |/bin/sh\nlist: :include:/l\nroot: alice"
        #expect(recipients(try prepare("", "root", aliases: file)) == ["alice@example.org"])
        for (name, line) in [("nobody", 1), ("run", 2), ("list", 3)] {
            #expect { try prepare("", name, aliases: file) } throws: { error in
                (error as? IntakeError)?.status == .configurationError
                    && "\(error)".hasPrefix("aliases, line \(line): ")
            }
        }
    }

    @Test("-t without anybody ends with 64, one that is not understood with 65")
    func nobody() {
        #expect { try prepare("Subject: x\n\n", "-t") } throws: { ($0 as? IntakeError) == .noRecipients }
        #expect { try prepare("To: Joe Smith\n\n", "-t") } throws: {
            "\($0)" == "to: 'Joe Smith' is no address; expected addresses with commas between them"
        }
    }

    @Test("The header is found however its octets come, and nothing is lost behind it")
    func pieces() {
        let message = Array("From mbox\nA: b\r\n c\nD: e\r\n\r\nbody\n.\nno end".utf8)
        for size in 1...message.count {
            var reader = HeaderReader()
            for start in stride(from: 0, to: message.count, by: size) {
                reader.read(message[start..<min(start + size, message.count)])
            }
            reader.end()
            #expect(String(decoding: reader.header, as: UTF8.self) == "A: b\r\n c\nD: e\r\n")
            #expect(String(decoding: reader.rest, as: UTF8.self) == "\r\nbody\n.\nno end")
        }
    }

    @Test("A header whose last line has no end is whole all the same")
    func noEnd() throws {
        #expect(text(try prepare(Self.complete + "Subject: x", "b@example.net")) == Self.complete + "Subject: x\n\n")
    }
}
