import PosternMail
import PosternSend
import Testing

/// How sendmail and msmtp are really called.
@Suite struct ArgumentsTests {
    private func read(
        _ words: String..., as role: SendArguments.Role = .sendmail
    ) throws(ArgumentsError) -> SendArguments {
        try SendArguments(reading: words, as: role)
    }

    @Test("Debian's cron: -i, a name attached to -F, the body's type attached to -B, an error mode")
    func cron() throws {
        let arguments = try read("-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root")
        #expect(arguments.ignoresDots)
        #expect(arguments.fullName == "CronDaemon")
        #expect(arguments.body == .eightBit)
        #expect(arguments.recipients == ["root"])
        #expect(arguments.errand == .send)
    }

    @Test(
        "Calls of mail programs",
        arguments: [
            ("PHP", ["-t", "-i"]), ("Alpine", ["-t", "-oem", "-oi"]), ("mutt", ["-oem", "-oi", "bob@example.net"]),
            ("s-nail", ["-i", "-m", "bob@example.net"]), ("git send-email", ["-i", "bob@example.net"]),
            ("Python's documentation", ["-t", "-oi"]), ("letters together", ["-ti"]),
            ("anacron", ["-FAnacron", "-odi", "-i", "bob@example.net"]),
        ] as [(String, [String])])
    func callers(_ name: String, _ words: [String]) throws {
        let arguments = try SendArguments(reading: words, as: .sendmail)
        #expect(arguments.ignoresDots)
        #expect(arguments.readsRecipients == arguments.recipients.isEmpty)
    }

    @Test(
        "The sender: -f with a word behind it or attached, -r, --from, and the empty one",
        arguments: [
            (["-f", "a@example.org"], "a@example.org"), (["-fa@example.org"], "a@example.org"),
            (["-ra@example.org"], "a@example.org"), (["--from=a@example.org"], "a@example.org"),
            (["--from", "a@example.org"], "a@example.org"), (["-f", ""], ""), (["-f", "<>"], "<>"),
        ] as [([String], String)])
    func sender(_ words: [String], _ sender: String) throws {
        #expect(try SendArguments(reading: words + ["b@example.net"], as: .sendmail).sender == sender)
    }

    @Test("Options may stand behind recipients, up to the two dashes")
    func order() throws {
        let arguments = try read("a@example.net", "-f", "x@example.org", "b@example.net", "--", "-t", "--json")
        #expect(arguments.recipients == ["a@example.net", "b@example.net", "-t", "--json"])
        #expect(arguments.sender == "x@example.org")
        #expect(!arguments.readsRecipients)
    }

    @Test("What the sender wants to hear: -N, -R, -V")
    func reports() throws {
        let arguments = try read("-N", "success,failure", "-Rhdrs", "-V", "a=1 b", "b@example.net")
        #expect(arguments.notify == .when(Notify.Occasions(success: true, failure: true)!))
        #expect(arguments.returnedContent == .header)
        #expect(arguments.envelopeID?.xtext == "a+3D1+20b")
        #expect(try read("-Nnever", "b@example.net").notify == .never)
        #expect(try read("--dsn-return=headers", "b@example.net", as: .msmtp).returnedContent == .header)
    }

    @Test(
        "Each name, and each -b, is an errand",
        arguments: [
            ([], .mailq, .listSpool), ([], .newaliases, .checkAliases), (["-bp"], .sendmail, .listSpool),
            (["-b", "s"], .sendmail, .serveStandardInput), (["-bi"], .sendmail, .checkAliases),
            (["-q"], .sendmail, .flushSpool(.all)), (["-q30m"], .sendmail, .flushSpool(.all)),
            (["-qIabc"], .sendmail, .flushSpool(SpoolSelection(id: "abc"))),
            (["-bv", "b@example.net"], .sendmail, .explain), (["-P"], .msmtp, .explain),
            (["-bm", "b@example.net"], .sendmail, .send), (["--explain"], .send, .explain),
        ] as [([String], SendArguments.Role, SendArguments.Errand)])
    func errands(_ words: [String], _ role: SendArguments.Role, _ errand: SendArguments.Errand) throws {
        #expect(try SendArguments(reading: words, as: role).errand == errand)
    }

    @Test("The program's name is read with its folder or without")
    func roles() {
        #expect(SendArguments.Role(programName: "/usr/sbin/sendmail") == .sendmail)
        #expect(SendArguments.Role(programName: "mailq") == .mailq)
        #expect(SendArguments.Role(programName: "/usr/bin/postern") == nil)
    }

    @Test("The options of the page of commands: a server, TLS, files")
    func own() throws {
        let arguments = try read(
            "--server", "[2001:db8::1]:587", "--tls", "starttls", "--ca", "ca.pem", "--certificate", "a.pem", "--key",
            "a.key", "--user", "alice", "--password-file", "p", "--queue", "never", "--partial", "--json",
            "b@example.net",
            as: .send)
        #expect(
            arguments.settings.map { "\($0.key) \($0.value)" } == [
                "host 2001:db8::1", "port 587", "tls on", "tls_starttls on", "tls_trust_file ca.pem",
                "tls_cert_file a.pem",
                "tls_key_file a.key", "user alice", "password_file p",
            ])
        #expect(arguments.queue == .never)
        #expect(arguments.acceptsSomeRecipients && arguments.printsJSON)
        #expect(arguments.recipients == ["b@example.net"])
    }

    @Test("msmtp's --tls takes no word of its own: what stands behind it is a recipient")
    func tls() throws {
        let arguments = try read("--tls", "b@example.net", "--tls-starttls=off", "--auth", as: .msmtp)
        #expect(arguments.recipients == ["b@example.net"])
        #expect(arguments.settings.map { "\($0.key) \($0.value)" } == ["tls on", "tls_starttls off", "auth on"])
    }

    @Test(
        "What is not understood ends with words that help",
        arguments: [
            (["--jsno"], "unknown option --jsno; did you mean --json?"), (["-Z"], "unknown option -Z"),
            (["-f"], "-f: an argument is missing behind it"), (["--json=1"], "--json takes no argument"),
            (["-bd"], "-bd is not done here: postern serve is the server"),
            (["-N", "often"], "-N: expected never, or some of success,failure,delay with commas, found 'often'"),
            (["--queue", "later"], "--queue: expected auto, always or never, found 'later'"),
            (
                ["--server", "h:0"],
                "--server: expected mail.example.org, mail.example.org:587 or [2001:db8::1]:465, found 'h:0'"
            ),
            (["-S"], "-S is not done here: postern probe HOST tells what a server does"),
            ([], "no recipients: name them, or read them from the header with -t"),
        ] as [([String], String)])
    func errors(_ words: [String], _ text: String) {
        #expect { try SendArguments(reading: words, as: .send) } throws: { "\($0)" == text }
    }
}
