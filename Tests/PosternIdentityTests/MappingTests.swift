import PosternCertificates
import PosternTestSupport
import Testing
import X509

@testable import PosternIdentity

/// From a certificate to accounts (standards/policies.md, states N, U, T, T* and M).
@Suite("Mapping")
struct MappingTests {
    @Test("SUB-085: no certificate, and one that proves nothing, lead nowhere and are not mapped")
    func withoutProof() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let none = snapshot.decide(nil)
        #expect(none.words == "none" && none.mapping.isEmpty && !none.canAuthenticate)
        let stranger = try TestAuthority("Somebody else").issue(mailboxes: ["alice@example.org"])
        let late = try people.devices.issue(mailboxes: ["alice@example.org"], notAfter: .testNow.adding(days: -1))
        for certificate in [stranger, late] {
            let decision = snapshot.decide(certificate)
            #expect(decision.words == "unusable" && decision.mapping.isEmpty && !decision.canAuthenticate)
        }
    }

    @Test("A name in the certificate that an account has as its address leads to the account")
    func name() throws {
        let people = try People()
        let decision = try people.snapshot().decide(people.devices.issue(mailboxes: ["alice@example.org"]))
        #expect(decision.words == "mapped alice" && decision.canAuthenticate)
        #expect(
            decision.mapping == [
                MappingFinding(rule: .rfc822Name, subject: "alice@example.org", result: .account("alice"))
            ])
    }

    @Test(
        "SUB-120, SUB-123: the domain's case does not count, the local-part is compared exactly, nothing is a pattern",
        arguments: [
            ("alice@EXAMPLE.org", "mapped alice"), ("A.Smith@example.org", "mapped alice"),
            ("a.smith@example.org", "unmapped"), ("Alice@example.org", "unmapped"), ("*@example.org", "unmapped"),
            ("alice+tag@example.org", "unmapped"), ("\"alice\"@example.org", "mapped alice"),
            ("alice@sub.example.org", "unmapped"), ("alice@example.org.neighbour.example", "unmapped"),
            ("nobody@example.org", "unmapped"),
        ])
    func spelling(_ name: String, _ standing: String) throws {
        let people = try People()
        #expect(try people.snapshot().decide(people.devices.issue(mailboxes: [name])).words == standing)
    }

    @Test("The common name maps to nothing, whatever it is", arguments: ["alice", "alice@example.org"])
    func commonName(_ name: String) throws {
        let people = try People()
        let decision = try people.snapshot().decide(people.devices.issue(commonName: name))
        #expect(decision.words == "unmapped" && decision.mapping.isEmpty)
    }

    @Test("An authority speaks for the domains of its grant alone, and not for a subdomain")
    func grants() throws {
        let people = try People()
        let alice = try people.neighbour.issue(mailboxes: ["alice@example.org"])
        let snapshot = try people.snapshot()
        let decision = snapshot.decide(alice)
        #expect(decision.words == "unmapped")
        #expect(decision.mapping.map(\.result) == [.outsideGrant(try people.neighbour.authority().id)])
        // Where an authority speaks for nobody, its certificates are good and give nothing.
        let mute = try people.snapshot(devicesSpeakFor: [])
        #expect(try mute.decide(people.devices.issue(mailboxes: ["alice@example.org"])).words == "unmapped")
        let parent = try people.snapshot(devicesSpeakFor: ["org", "sub.example.org"])
        #expect(try parent.decide(people.devices.issue(mailboxes: ["alice@example.org"])).words == "unmapped")
    }

    @Test("A name outside the grant does not spoil one inside it, and gives nothing itself")
    func mixedNames() throws {
        var people = try People()
        people.accounts.append(try People.account("eve", "eve@neighbour.example"))
        let both = try people.devices.issue(mailboxes: ["eve@neighbour.example", "bob@example.org"])
        let decision = try people.snapshot().decide(both)
        #expect(decision.words == "mapped bob")
        #expect(
            decision.mapping.map(\.result) == [.outsideGrant(try people.devices.authority().id), .account("bob")])
    }

    @Test("SUB-118: a pinned key leads to its account without any authority; its names count for nothing then")
    func pins() throws {
        let own = try Self.selfSigned(naming: "alice@example.org")
        let people = try People(keysOfDave: [own.keyFingerprint])
        let decision = try people.snapshot().decide(own)
        #expect(decision.words == "mapped dave")
        #expect(
            decision.mapping == [
                MappingFinding(rule: .pinnedKey, subject: try own.keyFingerprint.description, result: .account("dave")),
                MappingFinding(rule: .rfc822Name, subject: "alice@example.org", result: .notVouchedFor),
            ])
        let another = try Self.selfSigned(naming: "dave@example.org")
        #expect(try people.snapshot().decide(another).words == "unusable")
    }

    /// As `openssl req -x509` makes it: an authority's own.
    private static func selfSigned(naming mailbox: String) throws -> TestCertificate {
        try TestAuthority("dave") { template in
            try template.setMailboxes([mailbox])
            try template.setKeyUsage(KeyUsage(digitalSignature: true, keyCertSign: true))
        }.certificate
    }

    @Test("A pin and a name that agree are one account; two that do not are ambiguous")
    func pinAndName() throws {
        let key = try SigningKey.generate()
        let people = try People(keysOfDave: [key.fingerprint])
        let agreed = try people.devices.issue(mailboxes: ["dave@example.org"], key: key)
        #expect(try people.snapshot().decide(agreed).words == "mapped dave")
        let against = try people.devices.issue(mailboxes: ["alice@example.org"], key: key)
        #expect(try people.snapshot().decide(against).words == "ambiguous dave alice")
    }

    @Test("Two addresses of one account are one account; those of two are ambiguous, in the order of the certificate")
    func severalNames() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let aliases = try people.devices.issue(mailboxes: ["A.Smith@example.org", "alice@example.org"])
        #expect(snapshot.decide(aliases).words == "mapped alice")
        let two = try people.devices.issue(mailboxes: ["bob@example.org", "nobody@example.org", "alice@example.org"])
        #expect(snapshot.decide(two).words == "ambiguous bob alice")
    }

    @Test("A key that two accounts list is ambiguous")
    func sharedKey() throws {
        let key = try SigningKey.generate()
        var people = try People(keysOfDave: [key.fingerprint])
        people.accounts.append(try People.account("eve", "eve@example.org", keys: [key.fingerprint]))
        #expect(try people.snapshot().decide(people.devices.issue(key: key)).words == "ambiguous dave eve")
    }

    @Test("SUB-085: EXTERNAL can succeed where one of the accounts is not disabled")
    func disabled() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let carol = snapshot.decide(try people.devices.issue(mailboxes: ["carol@example.org"]))
        #expect(carol.words == "mapped carol" && !carol.canAuthenticate)
        let mixed = snapshot.decide(try people.devices.issue(mailboxes: ["carol@example.org", "bob@example.org"]))
        #expect(mixed.words == "ambiguous carol bob" && mixed.canAuthenticate)
    }

    @Test("SUB-056: over a version of TLS below the minimum a good certificate counts for nothing")
    func version() throws {
        let people = try People()
        let snapshot = try people.snapshot()
        let alice = try people.devices.issue(mailboxes: ["alice@example.org"])
        #expect(snapshot.decide(alice, over: .v12, minimum: .v12).words == "mapped alice")
        #expect(snapshot.decide(alice, over: .v13, minimum: .v13).words == "mapped alice")
        let below = snapshot.decide(alice, over: .v12, minimum: .v13)
        #expect(below.words == "below TLS 1.3" && !below.canAuthenticate)
        #expect(below.authenticate(as: nil).words == "below TLS 1.3")
    }

    @Test("Where names or addresses belong to two accounts the first one has them")
    func firstOwner() throws {
        var people = try People()
        people.accounts.append(try People.account("alice", "second@example.org"))
        people.accounts.append(try People.account("thief", "bob@example.org"))
        let snapshot = try people.snapshot()
        #expect(snapshot.account(named: "alice")?.addresses.first?.description == "alice@example.org")
        #expect(snapshot.decide(try people.devices.issue(mailboxes: ["bob@example.org"])).words == "mapped bob")
        #expect(snapshot.account(forLogin: "bob@example.org")?.name == "bob")
    }
}
