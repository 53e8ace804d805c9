import PosternClient
import PosternMail
import PosternSend
import Testing

/// msmtp's files as their owners have them.
@Suite struct AccountTests {
    static let machine = Machine(
        user: "alice", hostname: "laptop", canonicalName: "laptop.example.org", mailName: nil, home: "/home/alice")

    private func book(_ text: String, mode: UInt32 = 0o600) throws -> AccountBook {
        try AccountBook(
            [.init(path: "rc", octets: Array(text.utf8), mode: mode)], looked: ["rc"],
            evaluate: { command throws(EvaluationFailure) in
                guard command.hasPrefix("echo ") else { throw EvaluationFailure(reason: "ended with status 1") }
                return String(command.dropFirst(5))
            })
    }

    private func account(_ text: String, _ words: String..., mode: UInt32 = 0o600) throws -> SendAccount {
        let arguments = try SendArguments(reading: words + ["b@example.net"], as: .msmtp)
        return try book(text, mode: mode).account(for: arguments, on: Self.machine)
    }

    @Test("The example of msmtp's manual: defaults, inheritance, and a default account")
    func example() throws {
        let text = """
            # Set default values for all following accounts.
            defaults
            port 587
            tls on
            tls_trust_file /etc/ssl/certs/ca-certificates.crt

            account freemail
              host mail.freemail.example
              from joe_smith@freemail.example
              auth on
              user joe.smith
              passwordeval "gpg -q -d ~/.msmtp-password.gpg"

            account freemail2 : freemail
            from joey@freemail.example

            account provider
            host mail.provider.example
            from smithjoe@provider.example
            auth on
            user 12345
            password my_password

            account default : provider
            """
        let chosen = try account(text)
        #expect(chosen.host == "mail.provider.example")
        #expect(chosen.ports == [SubmissionPort(587, .startTLS)])
        #expect(chosen.trust == .file("/etc/ssl/certs/ca-certificates.crt"))
        #expect(chosen.login?.password == .written(HiddenText("my_password")))
        let second = try account(text, "-a", "freemail2")
        #expect(second.from == "joey@freemail.example")
        #expect(second.login?.password == .command("gpg -q -d ~/.msmtp-password.gpg"))
        #expect(try account(text, "-f", "joe_smith+list@freemail.example").name == "freemail")
        #expect(try account(text, "-f", "somebody@example.org").name == "default")
    }

    @Test("A secret shows in no way of printing")
    func hidden() throws {
        let account = try account("account default\nhost h\ntls on\nuser u\npassword geheim\n")
        var dumped = ""
        dump(account, to: &dumped)
        #expect(!"\(account)".contains("geheim") && !String(reflecting: account).contains("geheim"))
        #expect(!dumped.contains("geheim"))
    }

    @Test(
        "Ports and TLS as msmtp has them, TLS wherever there is something to show",
        arguments: [
            ("", "25, no TLS"), ("tls off", "25, no TLS"), ("tls on", "25, STARTTLS"),
            ("tls on\ntls_starttls off", "465, TLS at once"), ("tls on\nport 2525", "2525, STARTTLS"),
            ("port smtps\ntls on\ntls_starttls off", "465, TLS at once"),
            ("user u\npassword p", "25, STARTTLS"), ("tls_cert_file c\ntls_key_file k\nport 587", "587, STARTTLS"),
        ] as [(String, String)])
    func ports(_ lines: String, _ port: String) throws {
        #expect(try account("account default\nhost h\n\(lines)\n").ports.map(\.description) == [port])
    }

    @Test("A server that is typed is spoken to with TLS, on 465 first; no file counts then")
    func typed() throws {
        let file = "account default\nhost other\nuser u\npassword p\ntls on"
        #expect(try account(file, "--server", "h").ports == [.submissions, .submission])
        #expect(try account(file, "--server", "h").login == nil)
        #expect(try account(file, "--server", "h:465").ports == [.submissions])
        #expect(try account(file, "--server", "h:2587").ports == [SubmissionPort(2587, .startTLS)])
        #expect(
            try account(file, "--server", "h:2465", "--tls", "implicit").ports == [SubmissionPort(2465, .implicitTLS)])
        #expect(try account(file, "--host=h", "--tls=off").ports == [SubmissionPort(25, .none)])
    }

    @Test("What is typed takes the place of the account's own")
    func overrides() throws {
        let file = "account default\nhost h\nport 587\ntls on\nfrom a@example.org"
        #expect(try account(file, "--port=2587").ports == [SubmissionPort(2587, .startTLS)])
    }

    @Test("from: %U, %H, %C, %M; a pattern of the shell takes many; auto_from with maildomain")
    func senders() throws {
        #expect(try account("account default\nhost h\nfrom %U@%C").from == "alice@laptop.example.org")
        #expect(
            try account("account default\nhost h\nauto_from on\nmaildomain example.org").from == "alice@example.org")
        let file = "account lists\nhost l\nfrom *@lists.example.org\naccount default\nhost h"
        #expect(try account(file, "-f", "dev@lists.example.org").host == "l")
    }

    @Test("eval takes the place of its line; what it says of a password is no secret in the file")
    func eval() throws {
        #expect(try account("account default\neval echo host evaluated").host == "evaluated")
        let evaluated = try account("account default\nhost h\ntls on\nuser u\neval echo password p", mode: 0o644)
        #expect(evaluated.login != nil)
        #expect { try account("account default\neval false") } throws: {
            "\($0)" == "rc, line 2: the command of eval failed: ended with status 1"
        }
    }

    @Test("auth external and auth off with a certificate are both the automatic policy; the user is who is meant")
    func certificates() throws {
        let file = "account default\nhost h\ntls on\ntls_cert_file ~/a.pem\ntls_key_file ~/a.key\n"
        let external = try account(file + "auth external\nuser alice")
        #expect(external.certificate == .init(certificate: "/home/alice/a.pem", key: "/home/alice/a.key"))
        #expect(external.user == "alice" && external.login == nil)
        #expect(try account(file + "auth off").certificate != nil)
        let packed = try account("account default\nhost h\ntls on\ntls_cert_file a.p12")
        #expect(packed.certificate == .init(certificate: "a.p12", key: "a.p12"))
    }

    @Test("An unknown key is told with its line and its nearest neighbour, and mail goes")
    func unknown() throws {
        let account = try account(
            "account default\nhost h\nalises /etc/aliases\ntls_priorities NORMAL\nsource_ip 192.0.2.1")
        #expect(
            account.notes.map(\.description) == [
                "rc, line 3: unknown key 'alises', which is left out; did you mean 'aliases'?",
                "rc, line 4: 'tls_priorities' has no effect: TLS 1.2 or 1.3 is spoken, with ciphers that are safe today",
                "rc, line 5: 'source_ip' has no effect: the system chooses the address",
            ])
    }

    @Test(
        "Nothing is sent where a connection would be less safe, or go another way, than its owner wanted",
        arguments: [
            (
                "tls_trust_fle ca.pem",
                "rc, line 3: unknown key 'tls_trust_fle'; did you mean 'tls_trust_file'? It reads as if it made the "
                    + "connection safer, so nothing is sent without it"
            ),
            (
                "tls_certcheck off",
                "rc, line 3: 'tls_certcheck' is not done here, and nothing is sent without it: give the server's own "
                    + "certificate or its authority as tls_trust_file"
            ),
            (
                "tls_nocertcheck",
                "rc, line 3: 'tls_nocertcheck' is not done here, and nothing is sent without it: give the server's own "
                    + "certificate or its authority as tls_trust_file"
            ),
            (
                "proxy_host 127.0.0.1",
                "rc, line 3: 'proxy_host' is not done here, and nothing is sent without it: no proxy is spoken to"
            ),
            (
                "auth cram-md5",
                "rc, line 3: 'auth' is not done here, and nothing is sent without it: SCRAM-SHA-256, PLAIN and EXTERNAL are "
                    + "spoken: write 'auth on' if the server has one of them"
            ),
            (
                "tls off\nuser u\npassword p",
                "account 'default': tls is off, and it has a certificate or a password, which never go out in clear: write "
                    + "'tls on'"
            ),
            ("tls_cert_file a.pem", "account 'default': tls_cert_file is set and tls_key_file is not"),
            (
                "user u\nauth on",
                "account 'default': user 'u' has no password: write passwordeval or password, or give --password-file or "
                    + "--password-credential"
            ),
            (
                "port 0",
                "rc, line 3: port: expected a number from 1 to 65535, smtp, submission, submissions or smtps, found '0'"
            ),
        ] as [(String, String)])
    func refused(_ lines: String, _ text: String) {
        #expect { try account("account default\nhost h\n\(lines)\n") } throws: { "\($0)" == text }
    }

    @Test(
        "A file that is not one ends with its line",
        arguments: [
            ("account a : b", "rc, line 1: no account 'b' stands above this line"),
            ("account other\nhost h", "no account 'default' in rc; there are: other"),
            ("", "no account 'default' in rc; or name a server with --server"),
            ("account default", "account 'default': no host is set"),
        ] as [(String, String)])
    func damaged(_ text: String, _ words: String) {
        #expect { try account(text) } throws: { "\($0)" == words }
    }

    @Test("A file of settings alone is that of the default account")
    func withoutAccount() throws {
        #expect(try account("host h\nport 2525").ports.map(\.number) == [2525])
    }

    @Test("The system's file may hold a password for a group, or for all")
    func systemFile() throws {
        let file = AccountBook.File(
            path: "/etc/msmtprc", octets: Array("host h\ntls on\nuser u\npassword p".utf8), mode: 0o640, isSystem: true)
        let book = try AccountBook([file], looked: [], evaluate: { _ throws(EvaluationFailure) in "" })
        let arguments = try SendArguments(reading: ["b@example.net"], as: .msmtp)
        #expect(try book.account(for: arguments, on: Self.machine).login != nil)
    }

    @Test("Who a certificate is for: the user, else the address that is not a pattern")
    func certificateUser() throws {
        let file = "host h\ntls on\ntls_cert_file c\ntls_key_file k\n"
        #expect(try account(file + "user alice\nfrom a@example.org").certificateUser == "alice")
        #expect(try account(file + "from a@example.org").certificateUser == "a@example.org")
        #expect(try account(file + "from *@example.org").certificateUser == nil)
    }

    @Test("A password in a file that others can read is refused")
    func exposed() {
        #expect { try account("account default\nhost h\npassword p", mode: 0o644) } throws: {
            "\($0)" == "rc holds a secret and has the mode 644: take it from others with chmod 600 rc"
        }
    }

    @Test(
        "Where the log goes, and how its time is written, as msmtp has it",
        arguments: [("syslog", 8), ("syslog LOG_MAIL", 16), ("syslog LOG_LOCAL7", 23 << 3), ("syslog off", nil)]
            as [(String, Int32?)])
    func log(_ line: String, _ number: Int32?) throws {
        let account = try account("account default\nhost h\nlogfile ~/l\nlogfile_time_format %s\n\(line)")
        #expect(account.systemLog?.number == number)
        #expect(account.logFile == "/home/alice/l" && account.logTimeFormat == "%s")
    }
}
