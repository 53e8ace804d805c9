public import PosternSASL

/// By what a client shows to a next hop who it is. Nothing of it is ever sent but over verified TLS (D7).
public struct ClientCredentials: Sendable {
    /// A name and its password.
    public struct Login: Sendable {
        public let name: String
        public let password: Secret

        /// - Throws: if RFC 4013 does not allow the name.
        public init(name: String, password: Secret) throws(ExchangeFailure) {
            // What can be said at once is not left to the first connection.
            _ = try Plain.message(authenticationIdentity: name, password: password)
            self.name = name
            self.password = password
        }
    }

    /// Whether the transport shows a certificate in the TLS handshake.
    public var hasCertificate: Bool
    public var login: Login?

    public static let none = ClientCredentials()

    public init(hasCertificate: Bool = false, login: Login? = nil) {
        self.hasCertificate = hasCertificate
        self.login = login
    }

    var isEmpty: Bool { !hasCertificate && login == nil }
}

/// The SASL mechanisms for a password, as EHLO lists them.
enum PasswordMechanism: String, Hashable, Sendable {
    /// RFC 7677.
    case scram = "SCRAM-SHA-256"
    /// RFC 4616.
    case plain = "PLAIN"
    /// Never standardised, and all that some servers know.
    case login = "LOGIN"

    /// The strongest first: what hands out no password comes before what does.
    static let ofRelay: [PasswordMechanism] = [.scram, .plain]
    static let ofSubmission: [PasswordMechanism] = [.scram, .plain, .login]
}
