/// Why a certificate, a key or a list could not be made or loaded.
public enum IssuingError: Error, Hashable, Sendable, CustomStringConvertible {
    case notPEM(PEMError)
    /// The file has no block of the kind that is wanted (`CERTIFICATE`, `… PRIVATE KEY`).
    case noBlock(wanted: String, found: [String])
    /// The key is encrypted; we ask for no passphrases.
    case encryptedKey
    /// The key cannot be read, or is of a kind that cannot sign here.
    case unusableKey(reason: String)
    /// The certificate cannot be read.
    case unusableCertificate(reason: String)
    /// The key in the one file is not the key of the certificate in the other.
    case keyMismatch(certificate: String)
    /// The certificate may not issue others.
    case notAuthority(subject: String)
    /// Neither a domain nor an IP address.
    case invalidServerName(String)
    /// A server's certificate needs at least one name.
    case noServerName
    /// Not hexadecimal digits of a serial number.
    case invalidSerial(String)
    /// The library refused to sign or to write.
    case failed(reason: String)

    public var description: String {
        switch self {
        case .notPEM(let error): "\(error)"
        case .noBlock(let wanted, let found):
            "no block \"\(wanted)\" is in the file; it has: \(found.joined(separator: ", "))"
        case .encryptedKey: "the key is encrypted: decrypt it with `openssl pkey -in KEY -out PLAIN`, mode 0600"
        case .unusableKey(let reason):
            "the key cannot be used (\(reason)); expected P-256, P-384, P-521, Ed25519 or RSA from 2048 bits"
        case .unusableCertificate(let reason): "the certificate cannot be read (\(reason))"
        case .keyMismatch(let certificate): "the key is not that of \(certificate): name the two files of one authority"
        case .notAuthority(let subject):
            "\(subject) is not a certificate of an authority: make one with `postern certificate authority`"
        case .invalidServerName(let name): "\"\(name)\" is neither a domain nor an IP address"
        case .noServerName: "a server's certificate needs a domain or an IP address"
        case .invalidSerial(let text): "\"\(text)\" is not a serial number in hexadecimal"
        case .failed(let reason): "signing failed (\(reason))"
        }
    }

    /// Runs what throws errors of libraries, whose text is all that is known of them.
    static func wrapping<Value>(_ body: () throws -> Value) throws(IssuingError) -> Value {
        do {
            return try body()
        } catch let error as IssuingError {
            throw error
        } catch {
            throw .failed(reason: "\(error)")
        }
    }
}
