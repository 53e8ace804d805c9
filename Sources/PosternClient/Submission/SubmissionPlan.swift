import PosternConnection
import PosternSMTP

/// Which connections a submission makes, one after another, until one of them has an answer: the certificate policies of a
/// client as a pure machine (policies.md 7.6). Within a connection `AuthenticationChoice` says what is done.
struct SubmissionPlan: Sendable {
    /// By what a client can show who it is, and how it is to be used.
    struct Means: Hashable, Sendable {
        var hasCertificate = false
        var hasLogin = false
        var policy = CertificatePolicy.automatic
        var accountName: String?
        var usesPasswordAfterRefusedCertificate = false
    }

    struct Attempt: Hashable, Sendable {
        let port: SubmissionPort
        let method: SubmissionMethod
    }

    private let means: Means
    /// What worked the last time, by port number.
    private let remembered: [Int: CertificateResult]
    private var laterPorts: ArraySlice<SubmissionPort>
    /// The one that is due, or was made last.
    private(set) var attempt: Attempt
    /// Whether the attempt trusts in what worked once: if it fails, another one begins without it.
    private var isFromMemory: Bool
    /// What EXTERNAL was answered before the certificate alone was tried.
    private(set) var externalRefusal: ClientFailure?
    /// Why no earlier port was spoken to.
    private(set) var earlierPorts: [(SubmissionPort, ClientFailure)] = []

    /// - Parameter ports: at least one.
    init?(_ means: Means, ports: [SubmissionPort], remembered: [Int: CertificateResult] = [:]) {
        guard let first = ports.first else { return nil }
        self.means = means
        self.remembered = remembered
        laterPorts = ports.dropFirst()
        let memory = remembered[first.number]
        attempt = Attempt(port: first, method: Self.method(means, memory))
        isFromMemory = memory != nil
    }

    private static func method(_ means: Means, _ memory: CertificateResult?) -> SubmissionMethod {
        guard means.hasCertificate else { return means.hasLogin ? .password : .anonymous }
        switch means.policy {
        case .off: return means.hasLogin ? .password : .anonymous
        case .implicit: return .implicit
        case .external(nil): return .external(identities: identities(means, first: nil))
        case .external(let identity): return .external(identities: [identity])
        case .automatic: break
        }
        switch memory {
        case nil: return .automatic(identities: identities(means, first: nil))
        case .external(let identity): return .automatic(identities: identities(means, first: identity))
        case .implicit: return .implicit
        case .refused: return means.mayUsePassword ? .password : .automatic(identities: identities(means, first: nil))
        }
    }

    /// The empty identity and the account's name, this one first.
    private static func identities(_ means: Means, first: String?) -> [String?] {
        let all: [String?] = [nil] + (means.accountName.map { [$0] } ?? [])
        return [first] + all.filter { $0 != first }
    }

    // MARK: Answers

    /// What follows an attempt that has brought nothing to the server.
    /// - Returns: whether another attempt is due.
    mutating func goOn(after failure: ClientFailure, _ facts: ClientFacts?) -> Bool {
        if failure.isUncertain { return false }
        if isFromMemory, contradictsMemory(failure, facts) { return restart() }
        if failure.isExternalRefusal(facts) {
            guard case .automatic = attempt.method else { return usePassword() }
            externalRefusal = failure
            return move(to: .implicit)
        }
        if failure.isCertificateRefusal(facts) { return usePassword() }
        if failure.leavesAnotherPort(facts) { return nextPort(failure) }
        return false
    }

    /// Whether the server does not behave as it did.
    private func contradictsMemory(_ failure: ClientFailure, _ facts: ClientFacts?) -> Bool {
        if failure.isExternalRefusal(facts) || failure.isCertificateRefusal(facts) { return true }
        switch failure.cause {
        case .unauthenticated: return true
        case .refused(.authentication, let reply), .refused(.mail, let reply):
            return reply.code == 530 || (attempt.method == .password && reply.code >= 500)
        default: return false
        }
    }

    private mutating func restart() -> Bool {
        isFromMemory = false
        attempt = Attempt(port: attempt.port, method: Self.method(means, nil))
        return true
    }

    private mutating func move(to method: SubmissionMethod) -> Bool {
        isFromMemory = false
        attempt = Attempt(port: attempt.port, method: method)
        return true
    }

    /// Where the certificate was refused for good: a password follows only if somebody has chosen that.
    private mutating func usePassword() -> Bool {
        means.mayUsePassword && attempt.method != .password ? move(to: .password) : false
    }

    private mutating func nextPort(_ failure: ClientFailure) -> Bool {
        guard let port = laterPorts.popFirst() else { return false }
        earlierPorts.append((attempt.port, failure))
        let memory = remembered[port.number]
        isFromMemory = memory != nil
        attempt = Attempt(port: port, method: Self.method(means, memory))
        return true
    }

    // MARK: Memory

    /// What is to be remembered of a message that was taken; nil forgets what was there.
    func result(of authentication: AuthenticationOutcome) -> CertificateResult? {
        switch authentication {
        case .external(let identity): .external(authorizationIdentity: identity)
        case .implicitCertificate: .implicit
        // A server that wants the password besides the certificate has refused nothing.
        case .password: attempt.method == .password && means.mayUsePassword ? .refused : nil
        case .none: nil
        }
    }

    var usesMemory: Bool { means.hasCertificate && means.policy == .automatic }
}

extension SubmissionPlan.Means {
    fileprivate var mayUsePassword: Bool { hasLogin && usesPasswordAfterRefusedCertificate }
}

extension ClientFailure {
    /// On a connection that has carried a message before: the server has forgotten who it is that speaks.
    func asksForFreshConnection(_ facts: ClientFacts?) -> Bool {
        if isCertificateRefusal(facts) { return true }
        guard case .refused(.mail, let reply) = cause else { return false }
        return reply.code == 530
    }

    /// 5yz to AUTH EXTERNAL. 4yz is no refusal: it asks for patience, and never for a password (RFC 4954 §6).
    fileprivate func isExternalRefusal(_ facts: ClientFacts?) -> Bool {
        guard case .refused(.authentication, let reply) = cause else { return false }
        return reply.code >= 500 && facts?.isExternalTried == true
    }

    /// The certificate was shown, and the server does not let through whom it names.
    func isCertificateRefusal(_ facts: ClientFacts?) -> Bool {
        switch cause {
        case .tls(.certificateRefused): facts?.isCertificateShown == true
        case .refused(.mail, let reply), .refused(.recipient, let reply):
            facts?.authentication == .implicitCertificate && reply.asksForAuthentication
        default: false
        }
    }

    /// Whether there was no server of SMTP to speak to behind the port, so that another one may be tried (RFC 8314 §5.2).
    /// A server whose name or whose authority is wrong is the end of it (RFC 7817 §3).
    fileprivate func leavesAnotherPort(_ facts: ClientFacts?) -> Bool {
        switch cause {
        case .cannotConnect(.unreachable), .startTLSNotOffered, .tls(.notTLS), .tls(.spokenAtOnce): true
        case .malformed(.greeting): true
        // Who asks for a certificate and goes then may not have liked it.
        case .lost(let step), .timedOut(let step):
            [.connection, .handshake, .greeting].contains(step) && facts?.isCertificateRequested != true
        case .refused(.greeting, let reply): reply.code >= 500
        default: false
        }
    }
}

extension Reply {
    /// SUB-214: refused for want of authentication, as servers say it to MAIL or RCPT.
    var asksForAuthentication: Bool {
        switch code {
        case 530, 535: true
        case 550, 554: enhanced?.subject == 7 || (enhanced == nil && speaksOfRelaying)
        default: false
        }
    }

    /// Exim, which has no enhanced codes, says "relay not permitted".
    private var speaksOfRelaying: Bool { lines.contains { $0.lowercased().contains("relay") } }
}
