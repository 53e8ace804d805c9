import PosternCertificates
import PosternMail

/// What a certificate itself shows to be wrong, in the words of a reply.
struct CertificateFault: CustomStringConvertible {
    let description: String

    init(_ unusable: UnusableCertificate) {
        var words: [String] = []
        for finding in unusable.findings {
            let word = Self.words(finding.refusal)
            // One fault may break several rules; a reply says it once.
            if !words.contains(word) { words.append(word) }
        }
        description = words.joined(separator: "; ")
    }

    private static func words(_ refusal: RefusalClass) -> String {
        switch refusal {
        case .expired(let moment): "the client certificate expired on \(CalendarDate(moment))"
        case .notYetValid(let moment): "the client certificate is valid from \(CalendarDate(moment)) only"
        case .issuerNotTrusted: "the client certificate's issuer is not trusted here"
        case .notForClients: "the client certificate is not for client authentication (clientAuth)"
        case .weakKey: "a key of the client certificate's chain is too weak or of a kind that is not accepted"
        case .weakSignature, .unsupportedSignature:
            "a signature of the client certificate's chain is of a kind that is not accepted"
        case .revoked: "the client certificate is revoked"
        case .isAuthority: "the client certificate is that of an authority"
        case .unsupportedExtension: "the client certificate's chain has a critical extension that is not supported"
        case .constrained:
            "an authority of the client certificate's chain has name constraints, which are not supported"
        case .tooLarge: "the client certificate or its chain is larger than is accepted"
        case .malformed: "the client certificate is not well-formed"
        }
    }
}
