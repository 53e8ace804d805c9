/// What is wrong with a file of authorities.
public enum AuthorityFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case notPEM(PEMError)
    /// A private key stands in the file.
    case privateKey(label: String)
    /// A block that is no certificate.
    case unexpectedBlock(label: String)
    /// The certificate of this number, counted from 1, cannot be read.
    case malformed(number: Int, reason: String)
    /// A certificate that may not issue others.
    case notAuthority(subject: String)
    /// A certificate under which no client certificate can ever be accepted.
    case unfit(Finding)
    /// A certificate whose key is none at all.
    case unusableKey(subject: String)
    /// Every certificate is issued by another one of the file.
    case noAnchor
    /// So many authorities that they must be those of the public web.
    case systemBundle(count: Int)

    public var description: String {
        switch self {
        case .notPEM(let error): "\(error); expected: the certificates of your authority, in PEM"
        case .privateKey(let label):
            "a private key (\(label)) is in the file; expected certificates alone: take the key out, it is not needed here"
        case .unexpectedBlock(PEMBlock.revocationListLabel):
            "a revocation list is in the file; expected certificates alone: name the list's file under `crl`"
        case .unexpectedBlock(let label): "a block \"\(label)\" is in the file; expected \"CERTIFICATE\" alone"
        case .malformed(let number, let reason):
            "certificate \(number) of the file cannot be read (\(reason)): export it again from your authority"
        case .notAuthority(let subject):
            "\(subject) is not a certificate of an authority (basicConstraints without cA): name the file of who issued "
                + "it, or pin its key under the account's `keys`"
        case .unfit(let finding): "no client could be accepted: \(finding)"
        case .unusableKey(let subject): "the key of \(subject) is no valid key: export the certificate again"
        case .noAnchor: "every certificate of the file is issued by another of it, so none is a root: add the root"
        case .systemBundle(let count):
            "\(count) authorities are in the file, as in a system's bundle for the public web, which issues to anyone; "
                + "expected: the one that issues to your people"
        }
    }
}
