import X509

/// The certificates of one authority, from a PEM file, each fit to issue.
///
/// One that no other in the file has issued is a trust anchor, self-signed or not; the others are intermediates that
/// need not be sent by clients, and whose revocation lists can be checked.
public struct AuthorityFile: Sendable {
    /// More anchors than this are no organisation's own, but a system's bundle.
    public static let maximumAnchors = 40
    /// More certificates than this are not read.
    public static let maximumCertificates = 200

    let anchors: [PathBuilder.Candidate]
    let intermediates: [PathBuilder.Candidate]
    /// What each says, anchors first.
    public let certificates: [CertificateFacts]
    /// How many of `certificates`, from the first, are trust anchors. At least one.
    public var anchorCount: Int { anchors.count }

    /// The first anchor's subject and the beginning of its fingerprint: `CN=Devices CA (3f0c…)`.
    public var name: String {
        "\(certificates[0].subject) (\(certificates[0].certificateFingerprint.digest.hexadecimal.prefix(8)))"
    }

    /// - Parameter pem: the octets of the file.
    /// - Throws: what is wrong with the file, and what to do.
    public init(pem: [UInt8]) throws(AuthorityFileError) {
        let candidates = try Self.read(pem)
        let anchors = candidates.filter { Self.issuer(of: $0, among: candidates) == nil }
        guard !anchors.isEmpty else { throw .noAnchor }
        guard anchors.count <= Self.maximumAnchors else { throw .systemBundle(count: anchors.count) }
        let isAnchor = Set(anchors.map { ObjectIdentifier($0.certificate) })
        let intermediates = candidates.filter { !isAnchor.contains(ObjectIdentifier($0.certificate)) }
        try Self.check(anchors: anchors, intermediates: intermediates)
        self.anchors = anchors
        self.intermediates = intermediates
        certificates = (anchors + intermediates).map { CertificateFacts($0.certificate) }
    }

    /// The certificate of this file whose subject is `name`, if `signed` carries its signature.
    func signer(of signed: SignedOctets, named name: Name) -> SignerSearch {
        let named = (anchors + intermediates).filter { $0.certificate.subject == name }
        guard !named.isEmpty else { return .unknown }
        let signer = named.first { candidate in candidate.key.map { signed.isSigned(by: $0) == true } ?? false }
        return signer.map { .found($0.certificate) } ?? .wrongSignature
    }

    enum SignerSearch {
        case found(ParsedCertificate)
        case unknown
        case wrongSignature
    }

    private static func read(_ pem: [UInt8]) throws(AuthorityFileError) -> [PathBuilder.Candidate] {
        let blocks: [PEMBlock]
        do { blocks = try PEMBlock.read(pem) } catch { throw .notPEM(error) }
        if let key = blocks.first(where: { $0.label.contains("PRIVATE KEY") }) { throw .privateKey(label: key.label) }
        if let other = blocks.first(where: { $0.label != PEMBlock.certificateLabel }) {
            throw .unexpectedBlock(label: other.label)
        }
        guard blocks.count <= maximumCertificates else { throw .systemBundle(count: blocks.count) }
        var candidates: [PathBuilder.Candidate] = []
        for (index, block) in blocks.enumerated() {
            let certificate: ParsedCertificate
            do {
                certificate = try ParsedCertificate(der: block.der)
            } catch {
                let reason = (error as? Malformation)?.text ?? "not DER"
                throw .malformed(number: index + 1, reason: reason)
            }
            if !candidates.contains(where: { $0.certificate.der == block.der }) {
                candidates.append(PathBuilder.Candidate(certificate))
            }
        }
        return candidates
    }

    private static func issuer(
        of candidate: PathBuilder.Candidate, among candidates: [PathBuilder.Candidate]
    ) -> PathBuilder.Candidate? {
        let certificate = candidate.certificate
        if certificate.isSelfIssued, isSigned(certificate, by: candidate) { return nil }
        return candidates.first { other in
            other.certificate !== certificate && other.certificate.subject == certificate.issuer
                && isSigned(certificate, by: other)
        }
    }

    private static func isSigned(_ certificate: ParsedCertificate, by issuer: PathBuilder.Candidate) -> Bool {
        issuer.key.map { certificate.signed.isSigned(by: $0) == true } ?? false
    }

    /// Runs the rules that a client's path would meet here, so that a file that can never work is an error at start.
    private static func check(
        anchors: [PathBuilder.Candidate], intermediates: [PathBuilder.Candidate]
    ) throws(AuthorityFileError) {
        for anchor in anchors {
            let path = CertificatePath(
                certificates: [], signatures: [], anchor: .init(authority: 0, certificate: anchor.certificate),
                presentedCount: 0)
            try check(anchor, at: Step(path: path, index: 0))
        }
        for intermediate in intermediates {
            // Its place on a path is the second; what stands in the first does not matter to the rules for issuers.
            let path = CertificatePath(
                certificates: [intermediate.certificate, intermediate.certificate], signatures: [.verified, .verified],
                anchor: nil, presentedCount: 0)
            try check(intermediate, at: Step(path: path, index: 1))
        }
    }

    private static func check(_ candidate: PathBuilder.Candidate, at step: Step) throws(AuthorityFileError) {
        guard candidate.certificate.isAuthority else { throw .notAuthority(subject: step.reference.subject) }
        for rule in Rules.fixed {
            if let finding = rule.findings(at: step).first { throw .unfit(finding) }
        }
        guard candidate.key != nil else { throw .unusableKey(subject: step.reference.subject) }
    }
}
