import X509

/// Finds the ways from a leaf to the authorities of the configuration (RFC 4158), depth first, by issuer's name and
/// signature alone: whether a certificate on the way may be there is for the rules to say, so that they can say why not.
///
/// Whoever connects chooses the certificates, so the work is bounded by count, not by hope.
struct PathBuilder {
    /// Certificates on a path, without the anchor.
    static let maximumLength = 5
    /// Signatures checked for one chain, at about 80 µs each.
    static let maximumChecks = 32
    /// Paths that are kept; more than two or three do not occur where nobody means harm.
    static let maximumPaths = 4

    private let trust: Trust
    private let sent: [Candidate]
    private let presentedCount: Int
    private var checks = 0
    private var complete: [CertificatePath] = []
    private var broken: CertificatePath?

    /// A certificate that may be the issuer, and its key, if the key is one that we check signatures with.
    struct Candidate: Sendable {
        let certificate: ParsedCertificate
        let key: Certificate.PublicKey?

        init(_ certificate: ParsedCertificate) {
            self.certificate = certificate
            // A key out of bounds is not computed with: that is what the bounds are for.
            key = KeyStrengthRule.accepts(certificate.key.kind) ? certificate.key.verificationKey : nil
        }
    }

    /// All paths that lead to an authority, or, where there is none, the longest that does not. At least one.
    ///
    /// - Parameters:
    ///   - sent: what the client sent besides the leaf, as far as it could be read and is not in the configuration.
    ///   - presentedCount: how many certificates the client sent in all.
    static func paths(
        from leaf: ParsedCertificate, sent: [ParsedCertificate], presentedCount: Int, trust: Trust
    ) -> [CertificatePath] {
        var builder = PathBuilder(sent: sent, presentedCount: presentedCount, trust: trust)
        builder.extend([leaf], [])
        if builder.complete.isEmpty, let broken = builder.broken { return [broken] }
        return builder.complete
    }

    private init(sent: [ParsedCertificate], presentedCount: Int, trust: Trust) {
        self.trust = trust
        self.presentedCount = presentedCount
        self.sent = sent.map(Candidate.init)
    }

    /// Goes on from the last of `certificates`; `signatures` are those of all before it.
    private mutating func extend(_ certificates: [ParsedCertificate], _ signatures: [CertificatePath.SignatureCheck]) {
        let last = certificates[certificates.count - 1]
        var reason = CertificatePath.SignatureCheck.issuerUnknown
        for issuer in trust.issuers[last.issuer] ?? [] {
            let check = check(last, by: issuer.candidate)
            guard check == .verified || check == .notChecked else {
                reason = check
                continue
            }
            guard complete.count < Self.maximumPaths else { return }
            if issuer.isAnchor {
                complete.append(
                    CertificatePath(
                        certificates: certificates, signatures: signatures + [check],
                        anchor: .init(authority: issuer.authority, certificate: issuer.candidate.certificate),
                        presentedCount: presentedCount))
            } else {
                climb(certificates, to: issuer.candidate, signatures + [check], &reason)
            }
        }
        for candidate in sent where candidate.certificate.subject == last.issuer {
            let check = check(last, by: candidate)
            if check == .verified || check == .notChecked {
                climb(certificates, to: candidate, signatures + [check], &reason)
            } else {
                reason = check
            }
        }
        if certificates.count > broken?.certificates.count ?? 0 {
            broken = CertificatePath(
                certificates: certificates, signatures: signatures + [reason], anchor: nil,
                presentedCount: presentedCount)
        }
    }

    private mutating func climb(
        _ certificates: [ParsedCertificate], to candidate: Candidate,
        _ signatures: [CertificatePath.SignatureCheck], _ reason: inout CertificatePath.SignatureCheck
    ) {
        guard !certificates.contains(where: { $0.der == candidate.certificate.der }) else { return }
        guard certificates.count < Self.maximumLength else {
            reason = .tooMany
            return
        }
        extend(certificates + [candidate.certificate], signatures)
    }

    private mutating func check(
        _ certificate: ParsedCertificate, by issuer: Candidate
    ) -> CertificatePath.SignatureCheck {
        guard let key = issuer.key, case .accepted = certificate.signed.algorithm else { return .notChecked }
        guard checks < Self.maximumChecks else { return .tooMany }
        checks += 1
        switch certificate.signed.isSigned(by: key) {
        case .some(true): return .verified
        case .some(false): return .wrong
        case .none: return .notChecked
        }
    }
}
