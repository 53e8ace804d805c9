import PosternMail
import PosternTestSupport
import SwiftASN1
import Testing
import X509

@testable import PosternCertificates

/// A chain that breaks one rule and no other.
struct RuleCase: Sendable, CustomTestStringConvertible {
    let title: String
    let rule: Rule
    let role: CertificateReference.Role
    let refusal: RefusalClass
    let make: @Sendable () throws -> (chain: PresentedChain, trust: Trust)

    var testDescription: String { title }

    /// A leaf with something odd about it, from an authority without fault.
    static func leaf(
        _ title: String, _ rule: Rule, _ refusal: RefusalClass,
        _ adjust: @escaping @Sendable (inout CertificateTemplate) throws -> Void
    ) -> RuleCase {
        RuleCase(title: title, rule: rule, role: .leaf, refusal: refusal) {
            let authority = try TestAuthority()
            return (
                try authority.issue(mailboxes: ["alice@example.org"], adjust: adjust).chain(), try authority.trust()
            )
        }
    }

    /// An intermediate with something odd about it, sent by the client.
    static func intermediate(
        _ title: String, _ rule: Rule, _ refusal: RefusalClass,
        _ adjust: @escaping @Sendable (inout CertificateTemplate) throws -> Void
    ) -> RuleCase {
        RuleCase(title: title, rule: rule, role: .intermediate(1), refusal: refusal) {
            let root = try TestAuthority()
            let below = try root.subordinate(adjust: adjust)
            return (try below.issue(mailboxes: ["alice@example.org"]).chain(below.certificate), try root.trust())
        }
    }
}

extension RuleCase {
    static let all: [RuleCase] = leaves + intermediates + paths

    static let leaves: [RuleCase] = [
        .leaf("SUB-109 keyUsage without digitalSignature", .keyUsage, .notForClients) {
            try $0.setKeyUsage(KeyUsage(keyEncipherment: true))
        },
        .leaf("SUB-110 extendedKeyUsage with serverAuth alone", .extendedKeyUsage, .notForClients) {
            try $0.setUsages([.serverAuth])
        },
        .leaf("SUB-110 extendedKeyUsage with emailProtection alone", .extendedKeyUsage, .notForClients) {
            try $0.setUsages([.emailProtection])
        },
        .leaf("SUB-111 anyExtendedKeyUsage alone", .extendedKeyUsage, .notForClients) { try $0.setUsages([.any]) },
        .leaf("SUB-112 an unknown critical extension", .criticalExtensions, .unsupportedExtension) {
            $0.set(.unknown(critical: true))
        },
        .leaf("a critical extension of RFC 5280 that no rule enforces", .criticalExtensions, .unsupportedExtension) {
            $0.set(.init(oid: [2, 5, 29, 36], critical: true, value: [0x30, 0x00]))
        },
        .leaf("a certificate of an authority presented as a client's", .basicConstraints, .isAuthority) {
            try $0.setAuthority()
        },
        .leaf("33 alternative names", .alternativeNames, .tooLarge) {
            try $0.setMailboxes((1...33).map { "a\($0)@example.org" })
        },
        .leaf("an extension that stands there twice", .wellFormed, .malformed) {
            $0.extensions += [.unknown(critical: false), .unknown(critical: false)]
        },
        .leaf("keyUsage that is no BIT STRING", .wellFormed, .malformed) {
            $0.set(.init(oid: [2, 5, 29, 15], critical: true, value: [0x04, 0x01, 0x80]))
        },
        .leaf("a subjectAltName without names", .wellFormed, .malformed) {
            $0.set(.init(oid: [2, 5, 29, 17], critical: false, value: [0x30, 0x00]))
        },
        .leaf("an extendedKeyUsage cut off in the middle", .wellFormed, .malformed) {
            $0.set(.init(oid: [2, 5, 29, 37], critical: false, value: [0x30, 0x0A, 0x06]))
        },
        .leaf("extensions in version 1", .wellFormed, .malformed) { $0.version = 1 },
        RuleCase(
            title: "two signature algorithms, inside and outside", rule: .wellFormed, role: .leaf, refusal: .malformed
        ) {
            var authority = try TestAuthority()
            // A NULL parameter for ECDSA outside only: the first algorithm is inside of what is signed.
            authority.signer.outerAlgorithm = try Signer.identifier([1, 2, 840, 10045, 4, 3, 2], hasNull: true)
            return (try authority.issue().chain(), try authority.trust())
        },
    ]

    static let intermediates: [RuleCase] = [
        .intermediate("SUB-108 an intermediate with cA FALSE", .basicConstraints, .issuerNotTrusted) {
            $0.set(try .init(BasicConstraints.notCertificateAuthority, critical: true))
        },
        .intermediate("SUB-108 an intermediate without basicConstraints", .basicConstraints, .issuerNotTrusted) {
            $0.remove([2, 5, 29, 19])
        },
        .intermediate("an intermediate without keyCertSign", .keyUsage, .issuerNotTrusted) {
            try $0.setKeyUsage(KeyUsage(digitalSignature: true))
        },
        .intermediate("an intermediate for servers alone", .extendedKeyUsage, .notForClients) {
            try $0.setUsages([.serverAuth])
        },
        .intermediate("name constraints that say nothing", .nameConstraints, .constrained) {
            $0.set(.init(oid: [2, 5, 29, 30], critical: true, value: [0x30, 0x00]))
        },
        RuleCase(
            title: "SUB-116 critical name constraints on addresses of hosts, of which the leaf has one",
            rule: .nameConstraints, role: .intermediate(1), refusal: .constrained
        ) {
            // permittedSubtrees: iPAddress 192.0.2.0/24
            let permitted: [UInt8] = [0x30, 0x0E, 0xA0, 0x0C, 0x30, 0x0A, 0x87, 0x08, 192, 0, 2, 0, 255, 255, 255, 0]
            let root = try TestAuthority()
            let below = try root.subordinate {
                $0.set(.init(oid: [2, 5, 29, 30], critical: true, value: permitted[...]))
            }
            let leaf = try below.issue {
                let names: [(tag: UInt, octets: [UInt8])] = [
                    (7, [192, 0, 2, 1]), (1, Array("alice@example.org".utf8)),
                ]
                $0.set(try .alternativeNames(names))
            }
            return (leaf.chain(below.certificate), try root.trust())
        },
        .intermediate(
            "SUB-112 an unknown critical extension of an intermediate", .criticalExtensions, .unsupportedExtension
        ) {
            $0.set(.unknown(critical: true))
        },
        RuleCase(
            title: "SUB-108 an intermediate below one that allows none", rule: .pathLength, role: .intermediate(2),
            refusal: .issuerNotTrusted
        ) {
            let root = try TestAuthority()
            let first = try root.subordinate("first") { try $0.setAuthority(pathLength: 0) }
            let second = try first.subordinate("second")
            return (try second.issue().chain(second.certificate, first.certificate), try root.trust())
        },
        RuleCase(
            title: "SUB-108 an intermediate below a root that allows none", rule: .pathLength, role: .authority,
            refusal: .issuerNotTrusted
        ) {
            let root = try TestAuthority { try $0.setAuthority(pathLength: 0) }
            let below = try root.subordinate()
            return (try below.issue().chain(below.certificate), try root.trust())
        },
    ]

    static let paths: [RuleCase] = [
        RuleCase(title: "SUB-107 a signature by another key", rule: .signature, role: .leaf, refusal: .issuerNotTrusted)
        {
            (try TestAuthority("Same name").issue().chain(), try TestAuthority("Same name").trust())
        },
        RuleCase(title: "SUB-107 an unknown issuer", rule: .issuer, role: .leaf, refusal: .issuerNotTrusted) {
            (try TestAuthority("Stranger").issue().chain(), try TestAuthority("Ours").trust())
        },
        RuleCase(
            title: "SUB-107 an intermediate that is missing", rule: .issuer, role: .leaf, refusal: .issuerNotTrusted
        ) {
            let root = try TestAuthority()
            return (try root.subordinate().issue().chain(), try root.trust())
        },
        RuleCase(
            title: "SUB-107 an intermediate whose root is not ours", rule: .issuer, role: .intermediate(1),
            refusal: .issuerNotTrusted
        ) {
            let below = try TestAuthority("Stranger").subordinate()
            return (try below.issue().chain(below.certificate), try TestAuthority("Ours").trust())
        },
        RuleCase(title: "SUB-118 a self-signed leaf", rule: .issuer, role: .leaf, refusal: .issuerNotTrusted) {
            let own = try TestAuthority("client") { template in
                template.set(try .init(BasicConstraints.notCertificateAuthority, critical: true))
                try template.setKeyUsage(KeyUsage(digitalSignature: true))
            }
            return (own.certificate.chain(), try TestAuthority("Ours").trust())
        },
        RuleCase(title: "six certificates", rule: .chainLength, role: .leaf, refusal: .tooLarge) {
            let root = try TestAuthority()
            let leaf = try root.issue()
            let more = try (1...5).map { try TestAuthority("\($0)").certificate.der }
            return (PresentedChain(der: [leaf.der] + more), try root.trust())
        },
    ]
}

@Suite("Rules")
struct RuleTests {
    @Test(
        "A chain that breaks one rule is unusable for that reason, and the rule finds it alone", arguments: RuleCase.all
    )
    func oneRuleIsBroken(_ example: RuleCase) throws {
        let (chain, trust) = try example.make()
        let unusable = try #require(chain.state(in: trust).unusable)
        #expect(unusable.facts != nil)
        #expect(unusable.findings.map(\.rule) == [example.rule])
        #expect(unusable.findings.map(\.certificate.role) == [example.role])
        #expect(unusable.findings.map(\.refusal) == [example.refusal])

        let rule = try #require(Rules.fixed.first { $0.rule == example.rule })
        let path = try #require(Examination(of: chain, against: trust).paths.first)
        #expect(path.steps.flatMap(rule.findings) == unusable.findings)
        #expect(unusable.findings.allSatisfy { !$0.expected.isEmpty && !$0.found.isEmpty && !$0.clause.isEmpty })
    }

    @Test("A chain without fault passes every rule, with and without an intermediate")
    func goodChainPasses() throws {
        let root = try TestAuthority()
        let below = try root.subordinate { try $0.setAuthority(pathLength: 0) }
        let chains = [
            try root.issue(mailboxes: ["alice@example.org"]).chain(),
            try below.issue(mailboxes: ["alice@example.org"]).chain(below.certificate),
        ]
        for chain in chains {
            let verified = try #require(chain.state(in: try root.trust(id: "ours")).verified)
            #expect(verified.authority == "ours")
            #expect(!verified.isPinned)
            #expect(verified.revocation == .notChecked)
            #expect(verified.facts.mailboxes == [Mailbox("alice@example.org")])
        }
    }

    @Test("SUB-110: no extendedKeyUsage and no keyUsage mean any use")
    func absentUsagesAreAccepted() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue { $0.extensions = [] }
        #expect(leaf.chain().state(in: try authority.trust()).verified != nil)
        let old = try authority.issue {
            $0.extensions = []
            $0.version = 1
        }
        #expect(old.chain().state(in: try authority.trust()).verified != nil)
    }

    @Test("An extension that is unknown and not critical is passed over")
    func unknownExtensionIsPassedOver() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue { $0.set(.unknown(critical: false)) }
        #expect(leaf.chain().state(in: try authority.trust()).verified != nil)
    }

    @Test(
        "Keys of every accepted kind work, for leaf and authority",
        arguments: [SigningKey.Kind.p256, .p384, .p521, .ed25519, .rsa2048])
    func acceptedKeys(_ kind: SigningKey.Kind) throws {
        let authority = try TestAuthority(key: .generate(kind))
        let leaf = try authority.issue(key: .generate(kind))
        #expect(leaf.chain().state(in: try authority.trust()).verified != nil)
    }

    @Test("No reason hides another: all that is wrong is found at once")
    func everyReasonIsFound() throws {
        let leaf = try TestAuthority("Stranger").issue(notAfter: .testStart.adding(days: 10)) {
            try $0.setUsages([.serverAuth])
            try $0.setKeyUsage(KeyUsage(keyEncipherment: true))
            $0.set(.unknown(critical: true))
            try $0.setAuthority()
        }
        let findings = leaf.chain().findings(in: try TestAuthority("Ours").trust())
        #expect(
            findings.map(\.rule) == [
                .issuer, .basicConstraints, .keyUsage, .extendedKeyUsage, .criticalExtensions, .validity,
            ])
    }

    @Test("Every rule has a name, a clause and a case above, or tests of its own")
    func everyRuleIsTested() {
        let elsewhere: Set<Rule> = [.signatureAlgorithm, .keyStrength]
        let tested = Set(RuleCase.all.map(\.rule)).union(elsewhere)
        #expect(Rules.fixed.allSatisfy { tested.contains($0.rule) && !$0.rule.name.isEmpty && !$0.rule.clause.isEmpty })
        #expect(Set(Rules.fixed.map(\.rule.name)).count == Rules.fixed.count)
    }
}
