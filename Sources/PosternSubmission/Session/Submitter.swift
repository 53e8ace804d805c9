import PosternIdentity
import PosternSMTP

/// For whom a MAIL command speaks: decided at each one, from the newest snapshot (standards/policies.md 7.3, 7.3.1).
extension Session {
    enum SubmitterResult {
        case accepted(Submitter)
        /// MAIL is refused, and the session goes on with this authentication.
        case refused(Refusal, Authentication, AuthenticationRecord?)
        /// The session cannot go on: a second AUTH would be refused, so the client could never get out of it.
        case ended(Refusal)
    }

    struct Submitter {
        let identity: Authenticated
        let account: Account
        let sequence: Submission.Sequence
        /// Whether it counts as the identity of an AUTH command.
        let isAuthenticated: Bool
        /// What the session's authentication is once MAIL is accepted.
        let authentication: Authentication
        /// What is to be logged then: only the first MAIL of an implicit authentication says something new.
        let record: AuthenticationRecord?
    }

    func submitter(_ dialogue: Dialogue, _ surroundings: Surroundings) -> SubmitterResult {
        let decision = dialogue.decision(in: surroundings)
        switch dialogue.authentication {
        case .explicit(let identity, let sequence):
            return continued(identity, sequence, dialogue, decision, surroundings)
        // The policy may have changed since: then the certificate is not enough any more.
        case .implicit where !surroundings.settings.listener.policy.acceptsMailOnCertificate:
            return .refused(required(decision, surroundings), .none, nil)
        case .implicit(let identity):
            return continued(identity, .implicit, dialogue, decision, surroundings)
        case .failed where surroundings.settings.listener.policy.implicitIsAuthentication:
            return .refused(.authenticationRequiredAfterFailure, .failed, nil)
        case .none, .failed:
            guard surroundings.settings.listener.policy.acceptsMailOnCertificate else {
                return .refused(required(decision, surroundings), dialogue.authentication, nil)
            }
            return implicit(dialogue, decision, surroundings)
        }
    }

    /// 530 for a command that needs authentication, with what the certificate itself shows to be wrong.
    func refusalForLackOfAuthentication(_ dialogue: Dialogue, _ surroundings: Surroundings) -> Refusal {
        required(dialogue.decision(in: surroundings), surroundings)
    }

    private func required(_ decision: CertificateDecision, _ surroundings: Surroundings) -> Refusal {
        guard !surroundings.settings.listener.policy.hidesCertificateBeforeAuth,
            case .unusable(let unusable) = decision.standing
        else { return .authenticationRequired(nil) }
        return .authenticationRequired(CertificateFault(unusable))
    }

    /// MAIL without AUTH where the policy takes a certificate for it: an implicit `AUTH EXTERNAL =`.
    private func implicit(
        _ dialogue: Dialogue, _ decision: CertificateDecision, _ surroundings: Surroundings
    ) -> SubmitterResult {
        let policy = surroundings.settings.listener.policy
        switch decision.authenticate(as: nil) {
        case .authenticated(let identity, let account):
            let record = implicitRecord(dialogue, policy, account.name, decision, reason: nil)
            return .accepted(
                Submitter(
                    identity: identity, account: account, sequence: .implicit,
                    isAuthenticated: policy.implicitIsAuthentication, authentication: .implicit(identity),
                    record: record))
        case .refused(let refusal):
            // A client without a certificate has not tried to authenticate.
            var record: AuthenticationRecord?
            if dialogue.tls?.examination != nil {
                record = implicitRecord(dialogue, policy, nil, decision, reason: refusal.word)
            }
            if case .revocationUnknown = refusal {
                return .refused(.external(refusal), dialogue.authentication, record)
            }
            return .refused(required(decision, surroundings), dialogue.authentication, record)
        }
    }

    private func implicitRecord(
        _ dialogue: Dialogue, _ policy: CertificatePolicy, _ account: String?, _ decision: CertificateDecision,
        reason: String?
    ) -> AuthenticationRecord {
        AuthenticationRecord(
            sequence: .implicit, mechanism: nil, policy: policy, tls: dialogue.tls?.version, account: account,
            claimed: nil, certificate: CertificateSummary(decision), reason: reason)
    }

    private func continued(
        _ identity: Authenticated, _ sequence: Submission.Sequence, _ dialogue: Dialogue,
        _ decision: CertificateDecision, _ surroundings: Surroundings
    ) -> SubmitterResult {
        // A mere permission on a certificate leaves AUTH open, so its end is a refusal like the first one would be.
        let isPermission = sequence == .implicit && !surroundings.settings.listener.policy.implicitIsAuthentication
        func ended(_ refusal: Refusal) -> SubmitterResult {
            isPermission ? .refused(required(decision, surroundings), .none, nil) : .ended(refusal)
        }
        switch surroundings.snapshot.continuation(of: identity, under: decision) {
        case .stands(let account):
            return .accepted(
                Submitter(
                    identity: identity, account: account, sequence: sequence, isAuthenticated: !isPermission,
                    authentication: dialogue.authentication, record: nil))
        case .mapsElsewhere: return .ended(.certificateMapsElsewhere)
        case .revocationUnknown(let reason):
            return .refused(.external(.revocationUnknown(reason)), dialogue.authentication, nil)
        case .accountEnded: return ended(.accountEnded)
        case .certificateEnded: return ended(.certificateEnded)
        }
    }
}

extension Refusal {
    /// Whether an AUTH that ended so has failed (SUB-097): 535, 534 or 525.
    var isFailedAuthentication: Bool {
        switch self {
        case .exchangeFailed, .wrongPassword, .accountDisabled, .certificateOfAnotherAccount: true
        case .external(.revocationUnknown): false
        case .external: true
        default: false
        }
    }
}
