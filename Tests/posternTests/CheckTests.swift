import Foundation
import PosternCertificates
import PosternConfiguration
import PosternDelivery
import PosternMail
import PosternSubmission
import PosternSubmissionHarness
import PosternTestSupport
import Testing

@testable import postern

@Suite("Checking a configuration with everything it names")
struct CheckTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.fill()
    }

    @Test("a sound configuration has no problems")
    func sound() throws {
        #expect(folder.problems() == [])
        let assembled = try #require(Assembled.read(folder.path("postern.yaml"), at: .testNow).value)
        #expect(assembled.listeners.map(\.name) == ["submission", "submissions"])
        #expect(assembled.listeners.map(\.settings.listener.tls) == [.startTLS, .implicit])
        #expect(assembled.listeners.allSatisfy { $0.settings.listener.policy == .both })
        #expect(assembled.listeners.allSatisfy { $0.settings.limits == .usual })
        #expect(assembled.state == folder.path("state"))
    }

    @Test("each fault of an account is reported at its place, and none hides another")
    func accounts() throws {
        try folder.write(
            """
            accounts:
              "a b": { addresses: [alice, bob@localhost] }
              bob:
                addresses: [bob@example.org, '"bob"@example.org']
                password: hunter2
                may-send-as: ["*@one", "*"]
            """, to: "accounts.yaml")
        let problems = folder.problems()
        #expect(
            problems.map { String($0.prefix { $0 != "'" }) } == [
                "accounts.yaml:2:3: error: login name: expected visible ASCII characters without spaces, parentheses "
                    + "and backslashes, found ",
                "accounts.yaml:2:24: error: addresses: expected an address such as alice@example.org, found ",
                "accounts.yaml:2:31: error: addresses: the domain of ",
                "accounts.yaml:4:34: error: addresses: ".replacing("addresses: ", with: ""),
                "accounts.yaml:5:15: error: password of account ",
                "accounts.yaml:6:19: error: may-send-as: ",
                "accounts.yaml:6:28: error: may-send-as: expected an address such as alice@example.org, found ",
            ])
        #expect(problems.allSatisfy { !$0.contains("hunter2") })
    }

    @Test("faults of the main file do not hide those of the files that it names")
    func bothStages() throws {
        try folder.write(
            TestFolder.configuration.replacing("hostname: mail.example.org", with: "hostname: localhost\nlgo: text"),
            to: "postern.yaml")
        try folder.write("accounts: { alice: { addresses: [alice] } }", to: "accounts.yaml")
        #expect(
            folder.problems() == [
                "accounts.yaml:1:34: error: addresses: expected an address such as alice@example.org, found 'alice'",
                "postern.yaml:1:11: error: hostname: 'localhost' is one label; write the whole domain",
                "postern.yaml:2:1: error: unknown key 'lgo'; did you mean 'log'?",
            ])
    }

    @Test("keys that are missing do not hide what is wrong with the files that the others name")
    func missingKeys() throws {
        try folder.write(
            """
            tls: { certificate: nothere.pem }
            client-certificates:
              authorities:
                - { file: ca/ca.key, domains: [example] }
            accounts: accounts.yaml
            postmaster: nobody
            limits: { in-flight: 1 MiB, header: 1 MiB }
            """, to: "postern.yaml")
        try folder.write("accounts: { alice: { addresses: [alice] } }", to: "accounts.yaml")
        #expect(
            folder.problems().map { String($0.prefix { $0 != ";" && $0 != "," }) } == [
                "accounts.yaml:1:34: error: addresses: expected an address such as alice@example.org",
                "postern.yaml:1:1: error: 'hostname' is missing: the configuration must have it",
                "postern.yaml:1:1: error: 'state' is missing: the configuration must have it",
                "postern.yaml:1:1: error: 'next-hop' is missing: the configuration must have it",
                "postern.yaml:1:6: error: 'key' is missing: tls must have it",
                "postern.yaml:1:21: error: certificate: 'nothere.pem' cannot be read: No such file or directory",
                "postern.yaml:4:15: error: file: 'ca/ca.key': a private key (PRIVATE KEY) is in the file",
                "postern.yaml:4:36: error: domains: 'example' is one label",
                "postern.yaml:6:13: error: postmaster: expected an address such as alice@example.org",
                "postern.yaml:7:37: error: header: no message could be received",
            ])
    }

    @Test(
        "SUB-036: files of certificates that are missing, of the wrong kind or not a pair are errors: nothing listens then"
    )
    func certificateFiles() throws {
        func found(_ old: String, _ new: String) throws -> [String] {
            try folder.write(TestFolder.configuration.replacing(old, with: new), to: "postern.yaml")
            #expect(Assembled.read(folder.path("postern.yaml"), at: .testNow).value == nil)
            return folder.problems()
        }
        #expect(
            try found("server.pem", "nothere.pem") == [
                "postern.yaml:3:21: error: certificate: 'nothere.pem' cannot be read: No such file or directory"
            ])
        #expect(
            try found("server.key", "alice.key") == [
                "postern.yaml:3:38: error: key: 'alice.key' is not the key of CN=localhost in 'server.pem'; name the two "
                    + "files that belong together"
            ])
        #expect(try found("server.pem", "server.key").count == 1)
        #expect(try found("server.key", "server.pem").count == 1)
        #expect(
            try found("ca/ca.pem", "ca/ca.key").first?.hasPrefix("postern.yaml:6:15: error: file: 'ca/ca.key'") == true)
        #expect(
            try found("ca/ca.pem", "alice.pem").first?.hasPrefix("postern.yaml:6:15: error: file: 'alice.pem'") == true)
        #expect(
            try found("domains: [example.org]", "domains: [example.org], crl: ca/ca.pem").first?
                .hasPrefix("postern.yaml:6:55: error: crl: 'ca/ca.pem'") == true)
        #expect(try found("[example.org]", "[example, 'a b.org']").count == 2)
    }

    @Test(
        "a state folder or a Maildir that is something else is an error: nobody is told 250 for mail that cannot arrive"
    )
    func folders() throws {
        try folder.write("", to: "a-file")
        func found(_ key: String, _ value: String) throws -> [String] {
            let lines = TestFolder.configuration.split(separator: "\n", omittingEmptySubsequences: false)
            let changed = lines.map { $0.hasPrefix("\(key):") ? "\(key): \(value)" : $0 }
            try folder.write(changed.joined(separator: "\n"), to: "postern.yaml")
            return folder.problems().map { String($0.drop { $0 != " " }.prefix { $0 != ";" }) }
        }
        #expect(try found("state", "a-file") == [" error: state: 'a-file' is no folder"])
        #expect(try found("state", "a-file/below") == [" error: state: 'a-file/below' is no folder"])
        #expect(try found("next-hop", "maildir:a-file") == [" error: next-hop: 'a-file' is no folder"])
        #expect(try found("state", "not/there/yet").isEmpty)
    }

    @Test("a FIFO that nobody writes to is an empty file, and is not waited for", .timeLimit(.minutes(1)))
    func fifo() throws {
        try FileManager.default.removeItem(atPath: folder.path("accounts.yaml"))
        #expect(mkfifo(folder.path("accounts.yaml"), 0o600) == 0)
        #expect(folder.problems().map { $0.prefix { $0 != ":" } } == ["accounts.yaml"])
    }

    @Test("an audit log that is a folder is an error: nobody would hear that nothing is written")
    func auditLog() throws {
        try folder.write(TestFolder.configuration + "audit-log: ca\n", to: "postern.yaml")
        #expect(
            folder.problems().map { $0.drop { $0 != " " } } == [
                " error: audit-log: 'ca' is a folder; name a file in it"
            ])
        try folder.write(TestFolder.configuration + "audit-log: ca/audit.log\n", to: "postern.yaml")
        #expect(folder.problems() == [])
    }

    @Test("certificates and lists that are over, or nearly, are hazards: the server starts")
    func hazards() throws {
        let authority = try AuthorityFolder(path: folder.path("ca")).open(at: .testStart)
        try folder.write(
            try authority.revocationList(revoking: [], thisUpdate: .testStart, nextUpdate: .testNow.adding(days: -1)),
            to: "ca.crl")
        try folder.write(
            TestFolder.configuration.replacing("[example.org]", with: "[example.org], crl: ca.crl"), to: "postern.yaml")
        #expect(
            folder.problems() == [
                "postern.yaml:6:55: hazard: crl: the list of CN=Test CA was good until 2026-05-31T00:00:00Z; until there "
                    + "is a newer one its certificates are answered 454"
            ])
        try folder.write(TestFolder.configuration, to: "postern.yaml")
        let end = Timestamp.testStart.adding(days: 825)
        #expect(folder.problems(at: end.adding(days: -31)) == [])
        #expect(
            folder.problems(at: end.adding(days: -29)) == [
                "postern.yaml:3:21: hazard: certificate: it expires on 2028-04-05T00:00:00Z; renew it before"
            ])
        #expect(
            folder.problems(at: end.adding(days: 4_000)).map { $0.contains("hazard") } == [true, true])
        #expect(Assembled.read(folder.path("postern.yaml"), at: end.adding(days: 4_000)).value != nil)
    }

    @Test("an authority that stands twice is an error")
    func authorityTwice() throws {
        let second = "\n    - { file: ca/ca.pem, domains: [example.com] }\naccounts"
        try folder.write(TestFolder.configuration.replacing("\naccounts", with: second), to: "postern.yaml")
        #expect(
            folder.problems().map { $0.hasPrefix("postern.yaml:7:15: error: file: the authority CN=Test CA") } == [true]
        )
    }

    @Test("the authorities of a next hop must be there, and be certificates")
    func nextHopAuthorities() throws {
        func problems(_ path: String) throws -> [String] {
            let hop = "next-hop: { host: mx.example.org, tls: verify, ca: \(path) }"
            try folder.write(TestFolder.configuration.replacing("next-hop: discard:", with: hop), to: "postern.yaml")
            return folder.problems()
        }
        #expect(try problems("ca/ca.pem") == [])
        #expect(try problems("none.pem").map { $0.contains("ca: 'none.pem' cannot be read: ") } == [true])
        #expect(
            try problems("postern.yaml").map {
                $0.contains("ca: 'postern.yaml' holds no certificate, or a damaged one")
            }
                == [true])
    }

    @Test("the credentials of a next hop must be there and belong together; nothing of a password is shown (D5)")
    func nextHopCredentials() throws {
        try folder.write("correct horse\n", to: "password")
        try folder.write("bad \u{7} horse", to: "no-password")
        func problems(_ credentials: String, at now: Timestamp = .testNow) throws -> [String] {
            let hop = "next-hop: { host: mx.example.org, \(credentials) }"
            try folder.write(TestFolder.configuration.replacing("next-hop: discard:", with: hop), to: "postern.yaml")
            return folder.problems(at: now).filter { !$0.hasPrefix("postern.yaml:3") }
        }
        #expect(
            try problems("certificate: alice.pem, key: alice.key, user: postern, password-file: password") == [])
        #expect(
            try problems("certificate: alice.pem, key: server.key").map {
                $0.contains("error: key: 'server.key' is not the key of") && $0.contains("in 'alice.pem'")
            } == [true])
        #expect(
            try problems("certificate: alice.pem, key: alice.key", at: .testStart.adding(days: 4_000)).contains {
                $0.contains("hazard: certificate: it expired on") && $0.contains("nobody will take it")
            })
        for (file, expected) in [
            ("none", "error: password-file: 'none' cannot be read"),
            ("no-password", "error: password-file: what stands in 'no-password' holds a control character"),
        ] {
            let found = try problems("user: postern, password-file: \(file)")
            #expect(found.map { $0.contains(expected) } == [true])
            #expect(!found.joined().contains("horse"))
        }
        let bell = try problems("user: \"bell\\a\", password-file: password")
        #expect(bell.map { $0.contains("error: user: the name holds a control character") } == [true])
    }

    @Test("C15: a next hop that is plainly one of our own listeners is an error; a name for another host is none")
    func loop() throws {
        func problems(_ hop: String, _ listener: String = "{ tls: starttls, port: 2587 }") throws -> [String] {
            let text = "next-hop: \(hop)\nlisteners: { own: \(listener) }"
            try folder.write(TestFolder.configuration.replacing("next-hop: discard:", with: text), to: "postern.yaml")
            return folder.problems().filter { $0.contains("error") }
        }
        for host in ["127.0.0.1", "localhost", "\"[::1]\"", "Mail.example.org", "127.1.2.3"] {
            let hop = host.hasPrefix("\"") ? "\"[::1]:2587\"" : "\(host):2587"
            let found = try problems(hop)
            #expect(found.map { $0.hasPrefix("postern.yaml:8:11: error: next-hop: ") } == [true], "\(found)")
            #expect(found.first?.hasSuffix("port 2587, is our own listener 'own': mail would come back") == true)
        }
        #expect(try problems("192.0.2.1:2587", "{ tls: starttls, port: 2587, address: 192.0.2.1 }").count == 1)
        #expect(try problems("localhost:2587", "{ tls: starttls, port: 2587, address: 127.0.0.1 }").count == 1)
        for other in ["127.0.0.1:25", "mx.example.org:2587", "lmtp:127.0.0.1:2587"] {
            #expect(try problems(other) == [])
        }
        #expect(try problems("127.0.0.1:2587", "{ tls: starttls, port: 2587, address: 192.0.2.1 }") == [])
    }

    @Test("domains of routes must be domains, and every next hop of them is looked at")
    func routes() throws {
        let text = """
            next-hop: discard:
            routes:
              - senders: [example]
                recipients: [-.example.net]
                next-hop: [mx.example.net, { host: mx.example.com, tls: verify, ca: none.pem }]
            """
        try folder.write(TestFolder.configuration.replacing("next-hop: discard:", with: text), to: "postern.yaml")
        let found = folder.problems().filter { $0.contains("error") }
        #expect(found.count == 3)
        #expect(found.contains("postern.yaml:10:15: error: senders: 'example' is one label; write the whole domain"))
        #expect(found.contains { $0.hasPrefix("postern.yaml:11:18: error: recipients: expected a domain") })
        #expect(found.contains { $0.hasPrefix("postern.yaml:12:73: error: ca: 'none.pem' cannot be read") })
    }

    @Test("without authority and pinned key a listener is off, with a pinned key it is not (policies 7.3)")
    func lackOfTrust() throws {
        let without = """
            hostname: mail.example.org
            state: state
            tls: { certificate: server.pem, key: server.key }
            accounts: accounts.yaml
            next-hop: discard:
            """
        try folder.write(without, to: "postern.yaml")
        #expect(
            folder.problems() == [
                "postern.yaml:1:1: hazard: listeners 'submission', 'submissions': no certificate is asked for, as with the "
                    + "policy off, since there is no authority, and no account has a key; add one of them, or write 'policy: off'"
            ])
        let off = try #require(Assembled.read(folder.path("postern.yaml"), at: .testNow).value)
        #expect(off.listeners.allSatisfy { $0.settings.listener.policy == .off })

        try folder.write(without + "\nclient-certificates: { policy: off }\n", to: "postern.yaml")
        #expect(folder.problems() == [])
        try folder.write(without, to: "postern.yaml")

        let digits = String(repeating: "ab", count: 32)
        try folder.write(
            "accounts: { alice: { addresses: [alice@example.org], keys: ['sha256:\(digits)'] } }", to: "accounts.yaml")
        #expect(folder.problems() == [])
        let pinned = try #require(Assembled.read(folder.path("postern.yaml"), at: .testNow).value)
        #expect(pinned.listeners.allSatisfy { $0.settings.listener.policy == .both })
    }

    @Test("a header's limit beside which in-flight has room for no message is an error, up to the last octet")
    func limitsThatFit() throws {
        func found(_ limits: String) throws -> [String] {
            try folder.write(TestFolder.configuration + "limits: { \(limits) }\n", to: "postern.yaml")
            return folder.problems()
        }
        #expect(
            try found("in-flight: 1 MiB, header: 983041") == [
                "postern.yaml:9:37: error: header: no message could be received, since each sets 1048577 octets aside, "
                    + "and in-flight has 1048576 for all; a header of at most 983040 fits, or an in-flight from 1048577"
            ])
        #expect(try found("in-flight: 1 MiB, header: 983040") == [])
        #expect(try found("in-flight: 1048577, header: 983041") == [])
        #expect(try found("in-flight: 1 MiB") == [])
        #expect(try found("header: 64 MiB") == [])
    }

    @Test("every setting of a listener and every limit reaches its sessions")
    func settings() throws {
        try folder.write(
            TestFolder.configuration + """
                listeners:
                  one:
                    address: 127.0.0.1
                    port: 0
                    tls: starttls
                    policy: explicit
                    unusable: refuse
                    certificate-account: must-match
                    passwords-with-mapped-certificate: withhold
                    external-authzid: ignore
                    strict-sasl: true
                    client-cert-min-tls: 1.3
                    bare-newline: normalize
                limits: { command-line: 1172, auth-line: 12289, text-line: 1001, header: 4097, header-fields: 21, \
                message: 65537, recipients: 101, transactions: 7, errors: 4, idle: 301s, handshake: 2s, data-rate: 9, message-time: 61s, received-limit: 11 }
                schedule: { retry: [2m], expiry: 4d, delay-warning: off }
                postmaster: bob@example.org
                """, to: "postern.yaml")
        #expect(folder.problems() == [])
        let assembled = try #require(Assembled.read(folder.path("postern.yaml"), at: .testNow).value)
        let listener = try #require(assembled.listeners.first)
        #expect(listener.address == "127.0.0.1" && listener.port == 0)
        let own = listener.settings.listener
        #expect(own.name == "one" && own.tls == .startTLS && own.policy == .explicit && own.unusable == .refuse)
        #expect(own.certificateMustMatchAccount && own.withholdsPasswordsFromCertificates && own.isSASLStrict)
        #expect(own.bareLineEnds == .normalize)
        #expect(own.authorizationIdentityRule == .ignore && own.minimumTLSForCertificates == .v13)
        #expect(listener.settings.postmaster == (try mailbox("bob@example.org")))
        let limits = PosternSubmission.Limits(
            commandLine: 1_172, authLine: 12_289, textLine: 1_001, header: 4_097, headerFields: 21, message: 65_537,
            recipients: 101, transactions: 7, receivedLines: 11, errors: 4, idle: .seconds(301), handshake: .seconds(2),
            dataRate: 9, messageTime: .seconds(61))
        #expect(listener.settings.limits == limits)
        let schedule = RetrySchedule(retry: [.seconds(120)], lifetime: .seconds(4 * 86_400), warning: nil)
        #expect(assembled.schedule == schedule)
    }
}
