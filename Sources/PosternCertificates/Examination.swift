/// What a presented chain says, whatever the time: its facts, the ways from it to the authorities, and what is wrong
/// with each.
///
/// This is the part of the check that costs something (a signature each step, 50 to 100 µs), and the part that does not
/// change: it may be kept for the same `PresentedChain.fingerprint` and `Trust.anchorsID`. Dates, revocation, pins and
/// trust are never taken from what was kept: `state(at:trust:)` looks at them again each time.
public final class Examination: Sendable {
    public let chain: PresentedChain
    /// The authorities that the paths lead to.
    public let anchorsID: Trust.AnchorsID
    /// What the client's own certificate says; nil if there is none, or none that can be read.
    public let facts: CertificateFacts?

    /// At least one where there are facts.
    let paths: [ExaminedPath]
    /// What counts against the leaf if its key is pinned.
    let findingsIfPinned: [Finding]
    /// What counts if there is no leaf that could be read.
    let unreadable: [Finding]

    /// Whether a signature of an authority stands behind the certificate, or the key is known by itself: whoever else
    /// connects may be anybody, with as many certificates as they like to make.
    public func isVouchedFor(by trust: Trust) -> Bool {
        paths.contains { $0.path.isSignedThroughout }
            || facts.map { trust.pinnedKeys.contains($0.keyFingerprint) } == true
    }

    /// A way, and what the fixed rules have against it.
    struct ExaminedPath: Sendable {
        let path: CertificatePath
        let steps: [Step]
        let findings: [Finding]
    }

    public init(of chain: PresentedChain, against trust: Trust) {
        self.chain = chain
        anchorsID = trust.anchorsID
        let looked = chain.der.enumerated()
        let first = chain.der.first.map { Self.read($0, 0) }
        guard case .read(let leaf) = first else {
            facts = nil
            paths = []
            findingsIfPinned = []
            unreadable = first?.finding.map { [$0] } ?? []
            return
        }
        // Reading a certificate takes 40 µs: the root that many clients send along is not read again.
        let readings = looked.dropFirst().filter { !trust.knows($0.element) }.map { Self.read($0.element, $0.offset) }
        let found = PathBuilder.paths(
            from: leaf, sent: readings.compactMap(\.certificate), presentedCount: chain.count, trust: trust)
        facts = CertificateFacts(leaf)
        paths = found.map { path in
            // What the client sent besides and nobody could read matters only if something is missing (RFC 8446
            // §4.4.2 asks us to bear what does not belong to the path).
            let extra = path.anchor == nil ? readings.compactMap(\.finding) : []
            return ExaminedPath(path: path, steps: path.steps, findings: Self.findings(path.steps) + extra)
        }
        // All paths begin with the same leaf, and these rules look at nothing else.
        findingsIfPinned = found.prefix(1).flatMap { path in
            Rules.fixed.filter(\.isAskedOfPinnedKey).flatMap { $0.findings(at: Step(path: path, index: 0)) }
        }
        unreadable = []
    }

    private static func findings(_ steps: [Step]) -> [Finding] {
        Rules.fixed.flatMap { rule in steps.flatMap { rule.findings(at: $0) } }
    }

    private enum Reading {
        case read(ParsedCertificate)
        case refused(Finding)

        var certificate: ParsedCertificate? {
            if case .read(let certificate) = self { certificate } else { nil }
        }

        var finding: Finding? {
            if case .refused(let finding) = self { finding } else { nil }
        }
    }

    private static func read(_ der: [UInt8], _ index: Int) -> Reading {
        let reference = CertificateReference(
            role: index == 0 ? .leaf : .intermediate(index), subject: "(certificate \(index + 1) of the chain)")
        guard der.count <= PresentedChain.maximumCertificateSize else {
            return .refused(
                Finding(
                    rule: .chainLength, certificate: reference,
                    expected: "at most \(PresentedChain.maximumCertificateSize) octets", found: "\(der.count)",
                    refusal: .tooLarge))
        }
        do {
            return .read(try ParsedCertificate(der: der))
        } catch {
            return .refused(
                Finding(
                    rule: .wellFormed, certificate: reference, expected: "a certificate in DER",
                    found: (error as? Malformation)?.text ?? "octets that are not DER", refusal: .malformed))
        }
    }
}
