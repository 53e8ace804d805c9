import PosternMail
import PosternTestSupport
import Testing

@testable import PosternCertificates

/// Reproducible randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("Hostile input")
struct HostileInputTests {
    @Test("A certificate cut off at any length is malformed, and nothing worse")
    func truncated() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue(mailboxes: ["alice@example.org"])
        let trust = try authority.trust()
        for length in 0..<leaf.der.count {
            let unusable = PresentedChain(der: [Array(leaf.der.prefix(length))]).state(in: trust).unusable
            #expect(unusable?.findings.map(\.refusal) == [.malformed], "\(length)")
            #expect(unusable?.facts == nil)
        }
        #expect(
            PresentedChain(der: [leaf.der + [0]]).state(in: trust).unusable?.findings.map(\.refusal) == [.malformed])
    }

    @Test("Random octets are malformed")
    func random() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<2_000 {
            var octets = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            if !octets.isEmpty, Bool.random(using: &generator) { octets[0] = 0x30 }
            #expect(PresentedChain(der: [octets]).findings(in: .nobody).map(\.refusal) == [.malformed])
        }
    }

    @Test("A certificate with any octet changed is never verified")
    func changedOctet() throws {
        let authority = try TestAuthority()
        let below = try authority.subordinate()
        let leaf = try below.issue(mailboxes: ["alice@example.org"])
        let trust = try authority.trust()
        var generator = SeededGenerator(state: 2)
        #expect(leaf.chain(below.certificate).state(in: trust).verified != nil)
        for index in leaf.der.indices {
            var changed = leaf.der
            changed[index] ^= UInt8.random(in: 1...255, using: &generator)
            let state = PresentedChain(der: [changed, below.certificate.der]).state(in: trust)
            #expect(state.unusable != nil, "\(index)")
        }
    }

    @Test("An intermediate with any octet changed leads nowhere, and ends nothing")
    func changedIntermediate() throws {
        let authority = try TestAuthority()
        let below = try authority.subordinate()
        let leaf = try below.issue()
        let trust = try authority.trust()
        var generator = SeededGenerator(state: 3)
        for index in below.certificate.der.indices {
            var changed = below.certificate.der
            changed[index] ^= UInt8.random(in: 1...255, using: &generator)
            #expect(PresentedChain(der: [leaf.der, changed]).state(in: trust).unusable != nil, "\(index)")
        }
    }

    @Test("A certificate with hundreds of extensions is malformed")
    func manyExtensions() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue { template in
            for number: UInt in 0..<200 {
                template.extensions.append(.init(oid: [1, 3, 6, 1, 4, 1, 32473, 3, number], critical: true, value: []))
            }
        }
        let findings = leaf.chain().findings(in: try authority.trust())
        #expect(findings.map(\.found) == ["there are more than 64 extensions"])
    }

    @Test("Deep nesting and lengths beyond the end are malformed")
    func nesting() {
        let deep = [UInt8]((0..<4_000).flatMap { _ in [0x30, 0x80] as [UInt8] })
        var nested: [UInt8] = []
        for _ in 0..<60 { nested = [0x30, 0x82, UInt8(nested.count >> 8), UInt8(nested.count & 255)] + nested }
        for octets in [
            deep, nested, [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x88] + [UInt8](repeating: 0xFF, count: 8),
        ] {
            #expect(PresentedChain(der: [octets]).findings(in: .nobody).map(\.refusal) == [.malformed])
        }
    }
}
