import PosternConnection
import PosternSASL
import PosternSMTP

/// One AUTH exchange as its client sees it (RFC 4954 §4): a machine inside of the session's. The password is no part of
/// it, and is handed in where it is needed.
struct Authentication: Hashable, Sendable {
    private enum Stage: Hashable, Sendable {
        /// All has been said: only 235 may come.
        case awaitingEnd
        /// EXTERNAL was begun, whose refusals may lead to another beginning.
        case external(ExternalAttempt)
        /// PLAIN whose message was too long for the line of AUTH: the server asks for it.
        case awaitingRequest
        case awaitingChallenge(SCRAMClient)
        case proving
        case awaitingConfirmation(SCRAMProof)
        /// LOGIN asks for the name, and then for the password.
        case awaitingNameRequest
        case awaitingPasswordRequest
    }

    enum Progress: Hashable, Sendable {
        /// Say this line.
        case say(String)
        /// Work this out, off the event loop.
        case prove(SCRAMChallenge)
        case authenticated(AuthenticationOutcome)
        /// The exchange cannot go on, and the connection with it.
        case failed(ClientFailure)
    }

    /// Octets of a command line with its CRLF (RFC 5321 §4.5.3.1.4).
    static let lineLimit = 512

    private let outcome: AuthenticationOutcome
    private var stage: Stage

    /// Begins EXTERNAL.
    static func begin(_ attempt: ExternalAttempt) -> (Authentication, Progress) {
        let stage = Stage.external(attempt)
        return (Authentication(outcome: attempt.outcome, stage: stage), .say(attempt.line))
    }

    /// Begins an exchange with a password.
    /// - Returns: nil if RFC 4013 does not allow the name.
    static func begin(
        _ mechanism: PasswordMechanism, _ login: ClientCredentials.Login, nonce: String
    ) -> (Authentication, Progress)? {
        let verb = "AUTH \(mechanism.rawValue)"
        let outcome = AuthenticationOutcome.password(mechanism: mechanism.rawValue)
        switch mechanism {
        case .plain:
            guard let message = plain(login) else { return nil }
            let line = "\(verb) \(message)"
            guard line.utf8.count + 2 <= lineLimit else {
                return (Authentication(outcome: outcome, stage: .awaitingRequest), .say(verb))
            }
            return (Authentication(outcome: outcome, stage: .awaitingEnd), .say(line))
        case .login:
            return (Authentication(outcome: outcome, stage: .awaitingNameRequest), .say(verb))
        case .scram:
            guard let client = try? SCRAMClient(name: login.name, nonce: nonce) else { return nil }
            let line = "\(verb) \(Base64.encode(client.firstMessage))"
            return (Authentication(outcome: outcome, stage: .awaitingChallenge(client)), .say(line))
        }
    }

    mutating func receive(_ reply: Reply, _ login: ClientCredentials.Login?) -> Progress {
        if case .external(let attempt) = stage { return receive(reply, attempt) }
        if reply.isRefusal {
            return .failed(ClientFailure(.authentication, answered: reply, isPermanent: false))
        }
        switch (stage, reply.code) {
        case (.awaitingEnd, 235):
            return .authenticated(outcome)
        case (.awaitingRequest, 334):
            guard let message = login.flatMap(Self.plain) else { return .failed(unexpected(reply)) }
            stage = .awaitingEnd
            return .say(message)
        case (.awaitingNameRequest, 334):
            guard let name = login?.name else { return .failed(unexpected(reply)) }
            stage = .awaitingPasswordRequest
            return .say(Base64.encode(name.utf8))
        case (.awaitingPasswordRequest, 334):
            guard let password = login?.password else { return .failed(unexpected(reply)) }
            stage = .awaitingEnd
            return .say(password.withOctets { Base64.encode($0) })
        case (.awaitingChallenge(let client), 334):
            return prove(client, reply)
        case (.awaitingConfirmation(let proof), 334):
            guard let message = Self.message(in: reply), proof.isConfirmed(by: message) else {
                return .failed(.unauthenticated("the server does not show that it knows the password itself"))
            }
            stage = .awaitingEnd
            return .say("")
        default:
            // Among them 235 to SCRAM before the server has shown that it knows the password: it may be anyone's.
            return .failed(unexpected(reply))
        }
    }

    private mutating func receive(_ reply: Reply, _ attempt: ExternalAttempt) -> Progress {
        switch attempt.next(after: reply) {
        case .accepted: return .authenticated(attempt.outcome)
        case .say(let line, let next):
            stage = .external(next)
            return .say(line)
        case .refused: return .failed(ClientFailure(.authentication, answered: reply, isPermanent: false))
        case .unexpected: return .failed(unexpected(reply))
        }
    }

    /// The proof that was asked for; nil if it could not be made.
    mutating func receive(_ proof: SCRAMProof?) -> Progress? {
        guard stage == .proving else { return nil }
        guard let proof else { return .failed(.unauthenticated("there is no memory to work out the proof of SCRAM")) }
        stage = .awaitingConfirmation(proof)
        return .say(Base64.encode(proof.message))
    }

    private mutating func prove(_ client: SCRAMClient, _ reply: Reply) -> Progress {
        guard let message = Self.message(in: reply) else { return .failed(unexpected(reply)) }
        do throws(SCRAMFailure) {
            let challenge = try client.challenge(in: message)
            stage = .proving
            return .prove(challenge)
        } catch {
            return .failed(.unauthenticated("\(error)"))
        }
    }

    private static func plain(_ login: ClientCredentials.Login) -> String? {
        (try? Plain.message(authenticationIdentity: login.name, password: login.password)).map { Base64.encode($0) }
    }

    private static func message(in reply: Reply) -> [UInt8]? { Base64.decode(reply.lines.first ?? "") }

    private func unexpected(_ reply: Reply) -> ClientFailure {
        // Without its text, which may be a challenge.
        ClientFailure(
            code: "4.5.0", text: "AUTH was answered \(reply.code), which is no answer to it",
            .malformed(.authentication))
    }
}

extension ClientFailure {
    /// Says nothing of the message: it waits until somebody has set it right.
    static func unauthenticated(
        _ reason: String, _ obstacle: AuthenticationObstacle = .exchange
    ) -> ClientFailure {
        ClientFailure(code: "4.7.0", text: "no authentication: \(reason)", .unauthenticated(obstacle))
    }
}
