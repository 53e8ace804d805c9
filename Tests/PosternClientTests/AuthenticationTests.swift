import PosternClient
import PosternConnection
import PosternSASL
import Testing

extension ClientCredentials {
    static func sample(
        hasCertificate: Bool = false, name: String = "user", password: String = "pencil"
    ) throws -> ClientCredentials {
        let secret = try Secret(preparing: Array(password.utf8))
        return ClientCredentials(hasCertificate: hasCertificate, login: try Login(name: name, password: secret))
    }
}

@Suite("Client: authentication")
struct AuthenticationTests {
    private static let certificate = ClientCredentials(hasCertificate: true)

    private static func opening(_ offered: String) -> String {
        """
        TLS
        S: 220 mx
        C: EHLO mail.example.org
        S: 250-mx
        S: 250 \(offered)

        """
    }

    @Test("RFC 4954 §4: EXTERNAL without a name, and AUTH=<> behind it (SUB-190); the next message needs neither again")
    func external() throws {
        try ClientDialogue.check(
            Self.opening("AUTH PLAIN EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 235 2.7.0 ok
                C: MAIL FROM:<alice@example.org> AUTH=<>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 250 ok
                C: DATA
                S: 354 go on
                END
                C: .
                S: 250 2.0.0 queued
                delivered 250 2.0.0 queued
                NEXT
                C: MAIL FROM:<alice@example.org> AUTH=<>
                """, tls: .implicit, credentials: Self.certificate)
    }

    @Test("a certificate alone, where EXTERNAL is not listed: MAIL on the certificate, of which we vouch for nothing")
    func sequenceB() throws {
        for offered in ["PIPELINING", "AUTH PLAIN SCRAM-SHA-256"] {
            let envelope =
                offered == "PIPELINING"
                ? "C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nDATA"
                : "C: MAIL FROM:<alice@example.org>"
            try ClientDialogue.check(
                Self.opening(offered) + envelope, tls: .implicit, credentials: Self.certificate)
        }
    }

    @Test("RFC 7677 §3: SCRAM-SHA-256 with the example's messages, before PLAIN where both are listed")
    func scram() throws {
        try ClientDialogue.check(
            Self.opening("AUTH PLAIN SCRAM-SHA-256") + """
                C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
                S: 334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=
                PROVE
                C: Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ==
                S: 334 dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==
                C: 
                S: 235 2.7.0 ok
                C: MAIL FROM:<alice@example.org> AUTH=<>
                """, tls: .implicit, credentials: .sample())
    }

    @Test("SCRAM: a server that does not show that it knows the password gets no mail")
    func falseServer() throws {
        let challenged =
            Self.opening("AUTH SCRAM-SHA-256") + """
                C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
                S: 334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=
                PROVE
                C: Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ==

                """
        try ClientDialogue.check(
            challenged + """
                S: 334 dj1BQUFB
                deferred 4.7.0 no authentication: the server does not show that it knows the password itself
                CLOSE
                """, tls: .implicit, credentials: .sample())
        try ClientDialogue.check(
            challenged + """
                S: 235 2.7.0 come in
                deferred 4.5.0 AUTH was answered 235, which is no answer to it
                CLOSE
                """, tls: .implicit, credentials: .sample())
        try ClientDialogue.check(
            Self.opening("AUTH SCRAM-SHA-256") + """
                C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
                S: 334 cj1vdGhlcixzPUFBQUEsaT00MDk2
                deferred 4.7.0 no authentication: the server's nonce does not continue ours
                CLOSE
                """, tls: .implicit, credentials: .sample())
    }

    @Test("RFC 4616: PLAIN where nothing better is listed; the message of a long name waits for the server's request")
    func plain() throws {
        try ClientDialogue.check(
            Self.opening("AUTH LOGIN PLAIN") + """
                C: AUTH PLAIN AHVzZXIAcGVuY2ls
                S: 235 2.7.0 ok
                C: MAIL FROM:<alice@example.org> AUTH=<>
                """, tls: .implicit, credentials: .sample())
        let name = String(repeating: "n", count: 400)
        let message = Base64.encode([0] + Array(name.utf8) + [0] + Array("pencil".utf8))
        try ClientDialogue.check(
            Self.opening("AUTH PLAIN") + """
                C: AUTH PLAIN
                S: 334 
                C: \(message)
                S: 235 2.7.0 ok
                C: MAIL FROM:<alice@example.org> AUTH=<>
                """, tls: .implicit, credentials: .sample(name: name))
    }

    @Test("D7: EXTERNAL comes before every password")
    func preference() throws {
        try ClientDialogue.check(
            Self.opening("AUTH SCRAM-SHA-256 PLAIN EXTERNAL") + "C: AUTH EXTERNAL =", tls: .implicit,
            credentials: .sample(hasCertificate: true))
        try ClientDialogue.check(
            Self.opening("AUTH PLAIN") + "C: AUTH PLAIN AHVzZXIAcGVuY2ls", tls: .implicit,
            credentials: .sample(hasCertificate: true))
    }

    @Test(
        "D7: without verified TLS nothing is said of any credential, whatever is listed",
        arguments: [ClientTLS.none, .may])
    func unverified(tls: ClientTLS) throws {
        let refusal = "deferred 4.7.0 no authentication: credentials are for verified TLS alone\nCLOSE"
        let listed = """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250 mx

            """
        for credentials in [Self.certificate, try .sample()] {
            try ClientDialogue.check(listed + refusal, tls: tls, credentials: credentials)
        }
        try ClientDialogue.check(
            """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 go
            TLS
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 AUTH EXTERNAL PLAIN
            \(refusal)
            """, tls: .may, credentials: .sample())
    }

    @Test("a password for which nothing is listed, a refused AUTH: the message waits, for that is not its fault")
    func refused() throws {
        try ClientDialogue.check(
            Self.opening("AUTH LOGIN XOAUTH2") + """
                deferred 4.7.0 no authentication: EHLO offers none of SCRAM-SHA-256, PLAIN
                CLOSE
                """, tls: .implicit, credentials: .sample())
        for (reply, code) in [
            ("535 5.7.8 unknown", "4.7.8"), ("454 4.7.0 later", "4.7.0"), ("501 what?", "4.0.0"),
        ] {
            try ClientDialogue.check(
                Self.opening("AUTH EXTERNAL") + """
                    C: AUTH EXTERNAL =
                    S: \(reply)
                    deferred \(code) AUTH was answered \(reply)
                    CLOSE
                    """, tls: .implicit, credentials: Self.certificate)
        }
        try ClientDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 334 
                deferred 4.5.0 AUTH was answered 334, which is no answer to it
                CLOSE
                """, tls: .implicit, credentials: Self.certificate)
    }

    @Test("RFC 4954 §6: 530 to MAIL says that the certificate was not taken, and defers")
    func authenticationRequired() throws {
        try ClientDialogue.check(
            Self.opening("HELP") + """
                C: MAIL FROM:<alice@example.org>
                S: 530 5.7.0 Authentication required
                deferred 4.7.0 MAIL was answered 530 5.7.0 Authentication required
                """, tls: .implicit, credentials: Self.certificate)
    }

    @Test("D5: neither credentials nor a session show the password, in whatever way they are printed")
    func secret() throws {
        let credentials = try ClientCredentials.sample()
        #expect(!"\(credentials)".contains("pencil"))
        #expect(!String(reflecting: credentials).contains("pencil"))
    }
}
