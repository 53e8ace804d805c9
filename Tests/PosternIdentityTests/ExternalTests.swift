import PosternCertificates
import PosternIdentity
import PosternMail
import PosternTestSupport
import Testing

/// AUTH EXTERNAL (RFC 4422 Appendix A), and whether what it proved still holds.
@Suite("Authentication by certificate")
struct ExternalTests {
    @Test(
        "SUB-086, SUB-088, SUB-089: an authorization identity is empty or a name of the certificate's account",
        arguments: [
            (nil, "alice"), ("alice", "alice"), ("alice@example.org", "alice"), ("ALICE@Example.ORG", "alice"),
            ("a.smith@example.org", "alice"), ("Alice", "not permitted"), ("bob", "not permitted"),
            ("bob@example.org", "not permitted"), ("alice@example.net", "not permitted"), ("", "not permitted"),
            ("alice ", "not permitted"), ("root", "not permitted"),
        ] as [(String?, String)])
    func authorizationIdentity(_ identity: String?, _ outcome: String) throws {
        let people = try People()
        let alice = try people.snapshot().decide(people.devices.issue(mailboxes: ["alice@example.org"]))
        #expect(alice.authenticate(as: identity).words == outcome)
        // Ignored or not, what the client says never makes another identity than the certificate's.
        #expect(alice.authenticate(as: identity, rule: .ignore).words == "alice")
    }

    @Test(
        "SUB-088, SUB-089: the certificate's own common name names what it leads to, unless it is another account's name",
        arguments: [
            ("laptop", "alice"), ("alice", "alice"), ("ALICE@example.org", "alice"), ("Bob", "alice"),
            ("bob", "not permitted"), ("bob@example.org", "not permitted"), ("BOB@EXAMPLE.org", "not permitted"),
            ("carol", "not permitted"), ("dave", "not permitted"),
        ])
    func commonName(_ name: String, _ outcome: String) throws {
        let people = try People()
        let certificate = try people.devices.issue(mailboxes: ["alice@example.org"], commonName: name)
        let decision = try people.snapshot().decide(certificate)
        #expect(decision.authenticate(as: name).words == outcome)
        #expect(decision.authenticate(as: "another laptop").words == "not permitted")
        #expect(decision.authenticate(as: nil).words == "alice")
        #expect(decision.authenticate(as: name, rule: .ignore).words == "alice")
    }

    @Test("Of a certificate that leads to several accounts the common name names none")
    func commonNameOfSeveral() throws {
        let people = try People()
        let two = try people.devices.issue(mailboxes: ["alice@example.org", "bob@example.org"], commonName: "laptop")
        #expect(try people.snapshot().decide(two).authenticate(as: "laptop").words == "not permitted")
    }

    @Test("SUB-090: no certificate, one that proves nothing and one that leads nowhere authenticate nobody")
    func noIdentity() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let stranger = try TestAuthority("Somebody else").issue(mailboxes: ["alice@example.org"])
        let nobody = try people.devices.issue(mailboxes: ["nobody@example.org"], commonName: "alice")
        for rule in AuthorizationIdentityRule.allCases {
            for identity in [nil, "alice", "alice@example.org", "nobody@example.org"] {
                #expect(snapshot.decide(nil).authenticate(as: identity, rule: rule).words == "none")
                #expect(snapshot.decide(stranger).authenticate(as: identity, rule: rule).words == "unusable")
                #expect(snapshot.decide(nobody).authenticate(as: identity, rule: rule).words == "unmapped")
            }
        }
    }

    @Test(
        "SUB-092, SUB-125: of several accounts the client names one; without a name none of them is taken",
        arguments: [
            (nil, "ambiguous"), ("alice", "alice"), ("bob", "bob"), ("BOB@example.org", "bob"),
            ("carol", "not permitted"), ("dave", "not permitted"), ("", "not permitted"),
        ] as [(String?, String)])
    func ambiguous(_ identity: String?, _ outcome: String) throws {
        let people = try People()
        let certificate = try people.devices.issue(mailboxes: ["alice@example.org", "bob@example.org"])
        let decision = try people.snapshot().decide(certificate)
        for rule in AuthorizationIdentityRule.allCases {
            #expect(decision.authenticate(as: identity, rule: rule).words == outcome)
        }
    }

    @Test("SUB-071: a disabled account is authenticated by nothing, alone or among others")
    func disabled() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let carol = snapshot.decide(try people.devices.issue(mailboxes: ["carol@example.org"]))
        #expect(carol.authenticate(as: nil).words == "disabled")
        #expect(carol.authenticate(as: "alice").words == "not permitted")
        let mixed = snapshot.decide(try people.devices.issue(mailboxes: ["carol@example.org", "bob@example.org"]))
        #expect(mixed.authenticate(as: "carol").words == "disabled")
        #expect(mixed.authenticate(as: "bob").words == "bob")
    }

    @Test("An identity tells by which certificate it was proved")
    func basis() throws {
        let people = try People()
        let decision = try people.snapshot().decide(people.devices.issue(mailboxes: ["alice@example.org"]))
        guard case .authenticated(let identity, _) = decision.authenticate(as: nil),
            case .verified(let certificate) = decision.certificate
        else {
            Issue.record("alice was not authenticated")
            return
        }
        #expect(identity.basis == .certificate(certificate.facts.certificateFingerprint))
    }

    @Test("SUB-126: where no revocation list is fresh nobody is authenticated, and EXTERNAL stays listed")
    func revocationUnknown() throws {
        let people = try People()
        let alice = try people.devices.issue(mailboxes: ["alice@example.org"])
        let decision = try people.snapshot(lists: Self.list(people, until: .testNow.adding(days: -1))).decide(alice)
        #expect(decision.canAuthenticate)
        #expect(decision.authenticate(as: nil).words == "revocation unknown")
        // A name that is not permitted is that first: it would not pass with a fresh list either.
        #expect(decision.authenticate(as: "bob").words == "not permitted")
    }

    @Test("SUB-128: what proved an identity is looked at anew, from the newest snapshot and the clock")
    func continuation() throws {
        let people = try People()
        let alice = try people.devices.issue(mailboxes: ["alice@example.org"])
        let snapshot = try people.snapshot()
        let identity = try #require(Self.identity(snapshot.decide(alice)))
        #expect(Self.words(identity, snapshot, alice) == "alice")
        #expect(Self.words(identity, snapshot, alice, at: .testEnd.adding(days: 1)) == "certificate ended")
        let revoking = try people.snapshot(lists: Self.list(people, revoking: [alice]))
        #expect(Self.words(identity, revoking, alice) == "certificate ended")
        let stale = try people.snapshot(lists: Self.list(people, until: .testNow.adding(days: -1)))
        #expect(Self.words(identity, stale, alice) == "revocation unknown")
        // The authority's grant is gone.
        #expect(Self.words(identity, try people.snapshot(devicesSpeakFor: []), alice) == "certificate ended")
        // No authority is left.
        #expect(Self.words(identity, Snapshot(accounts: people.accounts, grants: []), alice) == "certificate ended")
    }

    @Test("SUB-128: an account that is gone or disabled ends the identity, one that lost the address too")
    func accountChanges() throws {
        var people = try People()
        let alice = try people.devices.issue(mailboxes: ["alice@example.org"])
        let identity = try #require(Self.identity(try people.snapshot().decide(alice)))
        let original = people.accounts
        people.accounts[0] = try People.account("alice", "alice@example.org", isDisabled: true)
        #expect(Self.words(identity, try people.snapshot(), alice) == "account ended")
        people.accounts = Array(original.dropFirst())
        #expect(Self.words(identity, try people.snapshot(), alice) == "account ended")
        // Bob has the address now.
        people.accounts = [
            try People.account("alice", "new@example.org"), try People.account("bob", "alice@example.org"),
        ]
        #expect(Self.words(identity, try people.snapshot(), alice) == "maps elsewhere")
        // Nobody has it.
        people.accounts = [try People.account("alice", "new@example.org")]
        #expect(Self.words(identity, try people.snapshot(), alice) == "certificate ended")
        // Another account has the address besides, through the key: alice is still one of them.
        people.accounts = original + [try People.account("eve", "eve@example.org", keys: [try alice.keyFingerprint])]
        #expect(Self.words(identity, try people.snapshot(), alice) == "alice")
        people.accounts[0] = try People.account("alice", "new@example.org")
        people.accounts[1] = try People.account("bob", "alice@example.org")
        #expect(Self.words(identity, try people.snapshot(), alice) == "maps elsewhere")
    }

    private static func identity(_ decision: CertificateDecision) -> Authenticated? {
        if case .authenticated(let identity, _) = decision.authenticate(as: nil) { identity } else { nil }
    }

    private static func words(
        _ identity: Authenticated, _ snapshot: Snapshot, _ certificate: TestCertificate, at now: Timestamp = .testNow
    ) -> String {
        snapshot.continuation(of: identity, under: snapshot.decide(certificate, at: now)).words
    }

    private static func list(
        _ people: People, revoking revoked: [TestCertificate] = [], until end: Timestamp = .testEnd
    ) throws -> [RevocationList] {
        let der = try people.devices.revocationList(revoking: revoked, nextUpdate: end)
        return try people.devices.file().revocationLists(in: der)
    }
}
