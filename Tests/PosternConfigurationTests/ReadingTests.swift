import Foundation
import Testing

@testable import PosternConfiguration

@Suite("Reading a configuration")
struct ReadingTests {
    /// The whole configuration of a small server.
    static let small = """
        hostname: mail.example.org
        state: /var/lib/postern
        tls:
          certificate: /etc/postern/tls.pem
          key: /etc/postern/tls.key
        client-certificates:
          policy: both                     # option 2. Others: explicit (option 1), strict (option 3), implicit (B only), off
          authorities:
            - file: /etc/postern/devices-ca.pem
              domains: [example.org]       # this CA speaks for these addresses only
              crl: /etc/postern/devices.crl
        accounts: /etc/postern/accounts.yaml
        next-hop: maildir:/var/mail
        """

    private func read(_ text: String, file: String = "/etc/postern/postern.yaml") -> Reading<Configuration> {
        Configuration.read(Array(text.utf8), file: file)
    }

    @Test("thirteen lines are a whole configuration, and everything else has its default")
    func smallConfiguration() throws {
        let reading = read(Self.small)
        #expect(reading.problems == [])
        let configuration = try #require(reading.value)
        #expect(configuration.hostname.value == "mail.example.org")
        #expect(configuration.hostname.location.description == "/etc/postern/postern.yaml:1:11")
        #expect(configuration.state.value == "/var/lib/postern")
        #expect(configuration.tls.certificate.value == "/etc/postern/tls.pem")
        #expect(configuration.tls.key.location.line == 5)
        #expect(configuration.nextHop == .maildir("/var/mail"))
        #expect(configuration.postmaster.value == "postmaster@mail.example.org")
        #expect(configuration.log == .json)
        #expect(configuration.limits == Limits())
        let authority = try #require(configuration.clientCertificates.authorities.first)
        #expect(configuration.clientCertificates.authorities.count == 1)
        #expect(authority.file.value == "/etc/postern/devices-ca.pem")
        #expect(authority.domains.map(\.value) == ["example.org"])
        #expect(authority.revocations?.file.value == "/etc/postern/devices.crl")
        #expect(authority.revocations?.strictness == .hard)
    }

    @Test("without listeners there are 587 with STARTTLS and 465 with TLS at once, under the common policy")
    func standardListeners() throws {
        let listeners = try #require(read(Self.small).value).listeners
        #expect(listeners.map(\.name.value) == ["submission", "submissions"])
        #expect(listeners.map(\.port.value) == [587, 465])
        #expect(listeners.map(\.tls) == [.starttls, .implicit])
        #expect(
            listeners.allSatisfy { $0.address == nil && $0.settings.policy == .both && !$0.allowsNonconforming.value })
    }

    @Test(
        "SUB-099: with TLS at once the policy implicit is refused, unless allow-nonconforming is set on that listener")
    func implicitOn465() throws {
        func read(_ listener: String) -> Reading<Configuration> {
            self.read(Self.small + "\nlisteners: { one: { policy: implicit, \(listener) } }\n")
        }
        let refused = read("port: 465, tls: implicit")
        #expect(refused.value == nil)
        #expect(refused.problems.map(\.severity) == [.error])
        #expect(refused.problems.allSatisfy { "\($0)".contains("RFC 8314 section 4.2") })
        let allowed = read("port: 465, tls: implicit, allow-nonconforming: true")
        #expect(allowed.value?.listeners.first?.settings.policy == .implicit)
        #expect(allowed.problems.map(\.severity) == [.hazard])
        #expect(read("port: 587, tls: starttls").problems == [])
    }

    @Test("each limit's default is the documented one")
    func limits() {
        let limits = Limits()
        #expect(limits.connections == 2_000 && limits.connectionsPerAddress == 50)
        #expect(limits.commandLine == 4_096 && limits.authLine == 12_288 && limits.textLine == 65_536)
        #expect(limits.header == 262_144 && limits.headerFields == 1_000)
        #expect(limits.message == 52_428_800 && limits.recipients == 1_000 && limits.errors == 20)
        #expect(limits.idle == .seconds(300) && limits.handshake == .seconds(15))
        #expect(limits.inFlight == 268_435_456 && limits.passwordWorkers == 2 && limits.passwordWaiting == 64)
        #expect(limits.passwordFailures == 20)
        #expect(limits.receivedLimit == 100)
        #expect(limits.transactions == 100_000 && limits.diskReserve == .automatic)
        #expect(limits.dataRate == 500 && limits.messageTime == .seconds(7_200) && limits.stress == 80)
    }

    @Test(
        "SUB-008, SUB-010, SUB-012, SUB-014, SUB-068, SUB-072: no limit can be set below what an RFC asks for",
        arguments: [
            // With the parameters of SIZE, AUTH, 8BITMIME and DSN: 512 + 26 + 500 + 17 + 116.
            ("command-line", 1_171), ("text-line", 1_000), ("recipients", 100), ("message", 65_536),
            ("auth-line", 12_288), ("errors", 3),
        ])
    func leastLimits(name: String, least: Int) {
        #expect(read(Self.small + "\nlimits: { \(name): \(least) }\n").problems == [])
        #expect(read(Self.small + "\nlimits: { \(name): \(least - 1) }\n").problems.map(\.severity) == [.error])
    }

    @Test("SUB-181: the schedule's defaults, and each of its keys")
    func schedule() throws {
        let standard = try #require(read(Self.small).value).schedule
        #expect(standard.retry == [60, 300, 900, 1_800].map { .seconds($0) })
        #expect(standard.expiry == .seconds(432_000) && standard.delayWarning == .seconds(14_400))
        let reading = read(Self.small + "\nschedule: { retry: [30s, 1h], expiry: 4d12h, delay-warning: off }\n")
        #expect(reading.problems == [])
        let schedule = try #require(reading.value).schedule
        #expect(schedule.retry == [.seconds(30), .seconds(3_600)])
        #expect(schedule.expiry == .seconds(388_800) && schedule.delayWarning == nil)
    }

    @Test(
        "an expiry under four days is allowed and warned of; one that leaves no time for a written warning is an error")
    func shortExpiry() {
        #expect(read(Self.small + "\nschedule: { expiry: 2h }\n").problems.map(\.severity) == [.hazard])
        let both = read(Self.small + "\nschedule: { expiry: 4d, delay-warning: 96h }\n")
        #expect(both.problems.map(\.severity) == [.error])
        #expect(both.problems.first?.description.contains("message fails after 'expiry', 4d") == true)
    }

    @Test("the common settings hold on a listener until it says otherwise")
    func inheritance() throws {
        let text = Self.small.replacing(
            "  authorities:",
            with: """
                  unusable: refuse
                  certificate-account: must-match
                  passwords-with-mapped-certificate: withhold
                  external-authzid: ignore
                  strict-sasl: true
                  client-cert-min-tls: 1.3
                  authorities:
                """.replacing("          ", with: ""))
        let listeners = """

            listeners:
              plain: { address: 127.0.0.1, port: 0, tls: starttls }
              own:
                address: "::1"
                port: 2465
                tls: implicit
                policy: explicit
                unusable: continue
                certificate-account: allow
                passwords-with-mapped-certificate: offer
                external-authzid: verify
                strict-sasl: false
                client-cert-min-tls: 1.2
              legacy: { tls: implicit, policy: implicit, allow-nonconforming: true }
            """
        let reading = read(text + listeners)
        #expect(reading.problems.map(\.severity) == [.hazard])
        let configuration = try #require(reading.value)
        let common = configuration.clientCertificates.settings
        #expect(common.unusable == .refuse && common.certificateAccount == .mustMatch)
        #expect(common.passwordsWithMappedCertificate == .withhold && common.externalAuthzid == .ignore)
        #expect(common.strictSASL && common.minimumTLS == .v1_3)
        #expect(configuration.listeners.map(\.name.value) == ["plain", "own", "legacy"])
        let plain = configuration.listeners[0]
        #expect(plain.settings.unusable == .refuse && plain.settings.strictSASL && plain.settings.minimumTLS == .v1_3)
        #expect(plain.address?.value == "127.0.0.1" && plain.port.value == 0)
        var own = configuration.listeners[1].settings
        own.places = [:]
        var expected = CertificateSettings()
        expected.policy = .explicit
        #expect(own == expected)
        #expect(configuration.listeners[2].port.value == 465 && configuration.listeners[2].allowsNonconforming.value)
    }

    @Test("a common setting may be without effect on one listener while it has one on another")
    func effectSomewhere() {
        let common = """

              unusable: abort
              external-authzid: ignore
              client-cert-min-tls: 1.3
              authorities:
            """
        let listeners = """

            listeners:
              usual: { port: 2587, tls: starttls }
              legacy: { port: 2588, tls: starttls, policy: implicit }
              closed: { port: 2589, tls: starttls, policy: off }
            """
        #expect(read(Self.small.replacing("\n  authorities:", with: common) + listeners).problems == [])
    }

    @Test("under the policy off authorities may stay, and settings may say what holds without them")
    func offAtRest() {
        let settings = """
            policy: off
              unusable: continue
              certificate-account: allow
              passwords-with-mapped-certificate: offer
              external-authzid: verify
              client-cert-min-tls: 1.2
            """
        let text = Self.small.split(separator: "\n").map { $0.contains("policy: both") ? "  " + settings : String($0) }
        #expect(read(text.joined(separator: "\n")).problems == [])
    }

    @Test("a listener that cannot be read leaves open what has no effect")
    func effectUnknown() {
        let listeners = """

            listeners:
              closed: { port: 2589, tls: starttls, policy: off }
              usual: { port: 2587 }
            """
        let text = Self.small.replacing("\n  authorities:", with: "\n  external-authzid: ignore\n  authorities:")
        #expect(read(text + listeners).problems.map { $0.location.line } == [17])
    }

    @Test(
        "relative paths belong to the file's folder",
        arguments: [
            ("/etc/postern/postern.yaml", "/etc/postern/"), ("postern.yaml", "./"), ("conf/postern.yaml", "conf/"),
            ("/p.yaml", "/"),
        ])
    func relativePaths(file: String, folder: String) throws {
        let text = """
            hostname: mail.example.org
            state: state
            tls: { certificate: tls/cert.pem, key: ../tls.key }
            accounts: accounts.yaml
            next-hop: maildir:mail
            client-certificates: { authorities: [{ file: ca.pem, domains: [example.org], crl: ca.crl, revocation: soft }] }
            """
        let configuration = try #require(read(text, file: file).value)
        #expect(configuration.state.value == folder + "state")
        #expect(configuration.tls.certificate.value == folder + "tls/cert.pem")
        #expect(configuration.tls.key.value == folder + "../tls.key")
        #expect(configuration.accounts.value == folder + "accounts.yaml")
        #expect(configuration.nextHop == .maildir(folder + "mail"))
        let authority = try #require(configuration.clientCertificates.authorities.first)
        #expect(authority.file.value == folder + "ca.pem")
        #expect(
            authority.revocations
                == .init(
                    file: Located(folder + "ca.crl", at: try #require(authority.revocations).file.location),
                    strictness: .soft))
    }

    @Test(
        "discard: may stand unquoted at the end of its line",
        arguments: [
            "discard:", "discard", "\"discard:\"", "'discard:'", "discard:   # for now", "discard:\r",
        ])
    func discard(value: String) {
        let text = Self.small.replacing("maildir:/var/mail", with: value) + "\nlog: text\n"
        #expect(read(text).problems == [])
        #expect(read(text).value?.nextHop == .discard)
    }

    @Test(
        "a next hop by SMTP or LMTP, as a word",
        arguments: [
            ("smtp.example.org", NextHop.smtp(SMTPNextHop(host: "smtp.example.org", port: 25, tls: .may))),
            ("smtp.example.org:2525", .smtp(SMTPNextHop(host: "smtp.example.org", port: 2525, tls: .may))),
            ("127.0.0.1:10025", .smtp(SMTPNextHop(host: "127.0.0.1", port: 10025, tls: .may))),
            ("\"[::1]:10025\"", .smtp(SMTPNextHop(host: "::1", port: 10025, tls: .may))),
            ("localhost", .smtp(SMTPNextHop(host: "localhost", port: 25, tls: .may))),
            ("lmtp:127.0.0.1:24", .lmtp(SMTPNextHop(host: "127.0.0.1", port: 24, tls: .may))),
            ("{ lmtp: \"127.0.0.1:24\" }", .lmtp(SMTPNextHop(host: "127.0.0.1", port: 24, tls: .may))),
            ("{ lmtp: /run/lmtp }", .lmtpSocket(path: "/run/lmtp")),
            ("lmtp:/run/lmtp", .lmtpSocket(path: "/run/lmtp")),
        ])
    func nextHop(value: String, expected: NextHop) {
        let reading = read(Self.small.replacing("maildir:/var/mail", with: value))
        #expect(reading.problems == [])
        #expect(reading.value?.nextHop == expected)
    }

    @Test("a next hop as a map; the port follows the kind of TLS")
    func nextHopMap() {
        func hop(_ text: String) -> SMTPNextHop? {
            let reading = read(Self.small.replacing("maildir:/var/mail", with: text))
            #expect(reading.problems == [])
            if case .smtp(let hop)? = reading.value?.nextHop { return hop } else { return nil }
        }
        #expect(hop("{ host: mx.example.org }") == SMTPNextHop(host: "mx.example.org", port: 25, tls: .may))
        #expect(hop("{ host: \"::1\", tls: none }") == SMTPNextHop(host: "::1", port: 25, tls: .none))
        #expect(hop("{ host: mx, tls: implicit }") == SMTPNextHop(host: "mx", port: 465, tls: .implicit))
        let full = hop("\n  host: mx.example.org\n  port: 587\n  tls: verify\n  ca: ca.pem")
        #expect(full?.port == 587)
        #expect(full?.tls == .verify)
        #expect(full?.authorities?.value.hasSuffix("/ca.pem") == true)
    }

    @Test("a next hop by LMTP as a map has the settings of one by SMTP; over a socket it has times")
    func nextHopLMTP() {
        func hop(_ map: String) -> NextHop? {
            let reading = read(Self.small.replacing("maildir:/var/mail", with: map))
            #expect(reading.problems.allSatisfy { $0.severity == .hazard }, "\(reading.problems)")
            return reading.value?.nextHop
        }
        guard
            case .lmtp(let server)? = hop(
                "{ lmtp: 'mail.example.org:24', user: postern, password-file: password, timeouts: { greeting: 7s } }"),
            case .lmtpSocket("/run/lmtp", let timeouts)? = hop("{ lmtp: /run/lmtp, timeouts: { end-of-data: 9m } }")
        else {
            Issue.record("not by LMTP")
            return
        }
        #expect(server.host == "mail.example.org" && server.port == 24 && server.tls == .verify)
        #expect(server.login?.user.value == "postern")
        #expect(server.timeouts.greeting == .seconds(7))
        #expect(timeouts.endOfData == .seconds(540))
    }

    @Test("with credentials a next hop has verified TLS unless it says otherwise (D7), and its files are watched")
    func nextHopCredentials() throws {
        let map = "{ host: mx, certificate: c.pem, key: c.key, user: postern, password-file: secret }"
        let (parts, problems) = Configuration.parse(
            Array(Self.small.replacing("maildir:/var/mail", with: map).utf8), file: "/etc/postern.yaml")
        #expect(problems == [])
        guard case .smtp(let hop)? = parts.configuration?.nextHop else {
            Issue.record("no next hop by SMTP")
            return
        }
        #expect(hop.tls == .verify)
        #expect(hop.certificate?.certificate.value == "/etc/c.pem")
        #expect(hop.certificate?.key.value == "/etc/c.key")
        #expect(hop.login?.user.value == "postern")
        #expect(hop.login?.passwordFile.value == "/etc/secret")
        #expect(Set(parts.files).isSuperset(of: ["/etc/c.pem", "/etc/c.key", "/etc/secret"]))
    }

    @Test("SUB-182: how long a next hop is waited for; what is shorter than the RFC's is a hazard")
    func timeouts() throws {
        let hop = "{ host: mx, timeouts: { connection: 5s, ehlo: 1m, mail: 10m, end-of-data: 9m59s } }"
        let reading = read(Self.small.replacing("maildir:/var/mail", with: hop))
        guard case .smtp(let next)? = reading.value?.nextHop else {
            Issue.record("no next hop by SMTP")
            return
        }
        var expected = NextHopTimeouts()
        expected.connection = .seconds(5)
        expected.hello = .seconds(60)
        expected.mail = .seconds(600)
        expected.endOfData = .seconds(599)
        #expect(next.timeouts == expected)
        #expect(
            reading.problems.map { "\($0.severity): \($0.fault)" } == [
                "hazard: timeouts: end-of-data is under the 600 s of RFC 5321 section 4.5.3.2; who gives up too early "
                    + "sends a message twice"
            ])
        let minutes = [\NextHopTimeouts.greeting, \.mail, \.recipient, \.data, \.block, \.endOfData]
            .map { NextHopTimeouts()[keyPath: $0].components.seconds / 60 }
        #expect(minutes == [5, 5, 5, 2, 3, 10], "the standard")
    }

    @Test("routes in their order, and next-hop behind them; each may have several next hops")
    func routes() throws {
        let text = """
            next-hop: [mx.example.org, "lmtp:/run/lmtp"]
            routes:
              - senders: [a.example, b.example]
                recipients: [c.example]
                next-hop: { host: mx, tls: verify }
              - recipients: [d.example]
                next-hop:
                  - mx.example.com:2525
                  - host: backup.example.com
                    tls: none
            """
        let reading = read(Self.small.replacing("next-hop: maildir:/var/mail", with: text))
        #expect(reading.problems == [])
        let routes = try #require(reading.value?.routes)
        #expect(routes.map { $0.senders.map(\.value) } == [["a.example", "b.example"], [], []])
        #expect(routes.map { $0.recipients.map(\.value) } == [["c.example"], ["d.example"], []])
        #expect(
            routes.map { $0.nextHops.map(\.value) } == [
                [.smtp(SMTPNextHop(host: "mx", port: 25, tls: .verify))],
                [
                    .smtp(SMTPNextHop(host: "mx.example.com", port: 2525, tls: .may)),
                    .smtp(SMTPNextHop(host: "backup.example.com", port: 25, tls: .none)),
                ],
                [.smtp(SMTPNextHop(host: "mx.example.org", port: 25, tls: .may)), .lmtpSocket(path: "/run/lmtp")],
            ])
    }

    @Test("a route without senders and recipients stands in place of next-hop")
    func routesAlone() {
        let text = "routes:\n  - senders: [a.example]\n    next-hop: discard:\n  - next-hop: maildir:/var/mail"
        let reading = read(Self.small.replacing("next-hop: maildir:/var/mail", with: text))
        #expect(reading.problems == [])
        #expect(reading.value?.routes.count == 2)
        #expect(reading.value?.nextHop == .maildir("/var/mail"))
    }

    @Test("a server for measurements, with one listener and wide limits")
    func measurements() throws {
        let text = """
            hostname: mail.example.test
            state: /tmp/work/state
            tls:
              certificate: /tmp/pki/server.pem
              key: /tmp/pki/server.key
            client-certificates:
              policy: both
              authorities:
                - file: /tmp/pki/ca.pem
                  domains: [example.test]
                  crl: /tmp/pki/crl.pem
            accounts: /tmp/work/accounts.yaml
            next-hop: discard:
            listeners:
              submission: { address: 127.0.0.1, port: 2587, tls: starttls }
            limits:
              connections: 20000
              connections-per-address: 20000

            """
        let reading = read(text)
        #expect(reading.problems == [])
        #expect(reading.value?.limits.connections == 20_000)
        #expect(reading.value?.limits.connectionsPerAddress == 20_000)
        #expect(reading.value?.listeners.count == 1)
    }

    @Test("a short idle time is a hazard, not an error")
    func shortIdle() throws {
        let reading = read(Self.small + "\nlimits: { idle: 10s }\n")
        #expect(try #require(reading.value).limits.idle == .seconds(10))
        #expect(reading.problems.map(\.severity) == [.hazard])
        #expect(reading.problems.first?.location.description.hasSuffix(":14:17") == true)
    }

    @Test("a file with a byte order mark, CRLF and JSON's way of writing is read as well")
    func otherWriting() throws {
        let text = Self.small.replacing("\n", with: "\r\n")
        #expect(read("\u{FEFF}" + text).problems == [])
        #expect(read(text).value == read(Self.small).value)
        let json = """
            {"hostname":"mail.example.org","state":"/s","tls":{"certificate":"/c","key":"/k"},"accounts":"/a",
             "next-hop":"maildir:/m","client-certificates":{"policy":"off"}}
            """
        #expect(read(json).problems == [])
        #expect(read(json).value?.listeners.first?.settings.policy == .off)
    }

    @Test("neither size nor nesting nor aliases take a reader's time", .timeLimit(.minutes(1)))
    func bounds() {
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: SourceText.maximumSize + 1)
        #expect(
            Configuration.read(large, file: "x").problems.map(\.description) == [
                "x: error: the file is larger than 4 MiB"
            ])
        for text in [
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
            String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 100_000),
            (0..<2_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
            "--- {\"a\":&a [x], \"b\":&b [*a,*a], ? *b : 1}", "a: {\"k\":\"v\",\"l\":*a}",
            String(repeating: "a: 1\n", count: 2_000),
        ] {
            #expect(!read(text).problems.isEmpty)
            #expect(read(text).value == nil)
        }
    }

    @Test("any octets, cut anywhere, give problems and no crash")
    func damaged() {
        let octets = Array(Self.small.utf8)
        for cut in octets.indices {
            _ = Configuration.read(Array(octets[..<cut]), file: "x")
            for octet in [0, 9, 10, 34, 39, 42, 58, 91, 123, 0xFF] as [UInt8] {
                var damaged = octets
                damaged[cut] = octet
                _ = Configuration.read(damaged, file: "x")
                _ = Accounts.read(damaged, file: "x")
            }
        }
    }
}

extension Configuration {
    /// Where goes what fits no route.
    fileprivate var nextHop: NextHop? { routes.last?.nextHops.first?.value }
}
