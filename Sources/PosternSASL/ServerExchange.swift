/// One authentication exchange, seen from the server: responses go in, the next step comes out.
///
/// A pure value: it knows neither BASE64 nor the connection, and verifies nothing. Its result is what the client
/// *claims*; whether that is true is decided elsewhere.
public struct ServerExchange: Sendable {
    public let mechanism: Mechanism
    private var state = State.waiting

    private enum State {
        /// For the client's response: both mechanisms consist of this one message.
        case waiting
        case ended
    }

    /// What the exchange asks its owner to do.
    public enum Step: Sendable {
        /// Send these octets and read a response. Empty octets are an empty challenge: `334 ` (RFC 4954 §4).
        case challenge([UInt8])
        /// The exchange is over: check these.
        case complete(Credentials)
        /// The exchange is over, the client is refused.
        case failed(ExchangeFailure)
    }

    public init(_ mechanism: Mechanism) {
        self.mechanism = mechanism
    }

    /// Begins the exchange.
    /// - Parameter initialResponse: nil where the client sent none, which is answered by an empty challenge; `[]` where
    ///   it sent a response of no octets (`=` in SMTP), which is something else (RFC 4954 §4).
    public mutating func start(initialResponse: [UInt8]?) -> Step {
        guard let initialResponse else { return .challenge([]) }
        return respond(initialResponse)
    }

    /// Takes the client's response to the last challenge, decoded.
    public mutating func respond(_ response: [UInt8]) -> Step {
        switch state {
        case .ended:
            return .failed(.hasEnded)
        case .waiting:
            state = .ended
        }
        do throws(ExchangeFailure) {
            return .complete(try credentials(from: response))
        } catch {
            return .failed(error)
        }
    }

    private func credentials(from response: [UInt8]) throws(ExchangeFailure) -> Credentials {
        switch mechanism {
        case .external: .channel(try External.read(response))
        case .plain: .password(try Plain.read(response))
        }
    }
}

/// What a client claims at the end of an exchange.
public enum Credentials: Sendable {
    /// EXTERNAL: what the channel has established. The authorization identity is nil where the client leaves it to the
    /// server to derive one (RFC 4422 A.1).
    case channel(authorizationIdentity: String?)
    /// A name and a password.
    case password(PasswordCredentials)

    static func channel(_ identity: String?) -> Self { .channel(authorizationIdentity: identity) }
}

/// A name and a password, and as whom the client wants to act. All texts are prepared with SASLprep.
public struct PasswordCredentials: Sendable {
    /// As whom to act; nil where the client gave none: as the one who logs in (RFC 4616 §2).
    public let authorizationIdentity: String?
    /// Whose password it is.
    public let authenticationIdentity: String
    public let password: Secret
}

/// Why an exchange failed on its form alone, before anything was looked up.
public enum ExchangeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case authorizationIdentity(SASLPrep.Failure)
    case authenticationIdentity(SASLPrep.Failure)
    case password(SASLPrep.Failure)
    /// RFC 4616 §2: exactly two NUL octets stand between the three texts.
    case wrongNumberOfNULs(Int)
    /// A response after the end.
    case hasEnded

    public var description: String {
        switch self {
        case .authorizationIdentity(let failure): "the authorization identity \(failure)"
        case .authenticationIdentity(let failure): "the name \(failure)"
        case .password(let failure): "the password \(failure)"
        case .wrongNumberOfNULs(let count): "PLAIN has two NUL octets between its three texts, this one has \(count)"
        case .hasEnded: "the exchange had ended"
        }
    }
}
