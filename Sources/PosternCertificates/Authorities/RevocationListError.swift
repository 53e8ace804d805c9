/// What is wrong with a file of revocation lists.
public enum RevocationListError: Error, Hashable, Sendable, CustomStringConvertible {
    case notPEM(PEMError)
    /// A block that is no revocation list.
    case unexpectedBlock(label: String)
    case tooLarge(octets: Int, limit: Int)
    case malformed(reason: String)
    /// No certificate in the authority's file has the name of the list's issuer.
    case issuerNotFound(issuer: String, known: [String])
    /// A certificate of that name is in the file, and its key did not sign the list.
    case wrongSignature(issuer: String)
    /// The signer's key usage does not hold cRLSign.
    case notAllowedToSign(issuer: String)
    /// Signed otherwise than with SHA-2 or Ed25519.
    case algorithm(issuer: String, name: String)
    /// The list does not say until when it is good.
    case noNextUpdate(issuer: String)
    /// The list is of a kind that is not understood wholly.
    case criticalExtension(issuer: String, name: String)

    public var description: String {
        switch self {
        case .notPEM(let error): "\(error); expected: \"X509 CRL\" blocks in PEM, or one list as DER"
        case .unexpectedBlock(let label): "a block \"\(label)\" is in the file; expected \"X509 CRL\" alone"
        case .tooLarge(let octets, let limit): "the file has \(octets) octets; at most \(limit) are read"
        case .malformed(let reason): "the list cannot be read (\(reason)): fetch it again"
        case .issuerNotFound(let issuer, let known):
            "the list is of \(issuer), and the authority's file has \(known.joined(separator: "; ")): add the "
                + "certificate of the list's issuer to the authority's file"
        case .wrongSignature(let issuer):
            "the list says it is of \(issuer), and is not signed with the key that the authority's file has for it"
        case .notAllowedToSign(let issuer):
            "the list is signed by \(issuer), whose key usage has no cRLSign: the authority's certificate must allow it"
        case .algorithm(let issuer, let name):
            "the list of \(issuer) is signed with \(name); expected SHA-2 or Ed25519: change the authority's settings"
        case .noNextUpdate(let issuer):
            "the list of \(issuer) has no nextUpdate, so it could never be told from an old one: set a period for lists"
        case .criticalExtension(let issuer, let name):
            "the list of \(issuer) has the critical extension \(name), which is not supported: publish a complete list"
        }
    }
}
