import PosternConnection

/// What a session does about authentication once the server has introduced itself over what TLS the settings ask for.
enum AuthenticationChoice: Hashable, Sendable {
    /// MAIL at once.
    case nothing
    case external(ExternalAttempt)
    case password(PasswordMechanism)
    case impossible(ClientFailure)
}

/// What one connection of a submission tries: what comes after it where it is refused is for `SubmissionPlan` to say.
enum SubmissionMethod: Hashable, Sendable {
    /// EXTERNAL as one of these identities where it is listed, else the password, else MAIL upon the certificate.
    case automatic(identities: [String?])
    /// EXTERNAL, or nothing.
    case external(identities: [String?])
    /// MAIL upon the certificate, whatever is listed.
    case implicit
    case password
    case anonymous

    var showsCertificate: Bool {
        switch self {
        case .automatic, .external, .implicit: true
        case .password, .anonymous: false
        }
    }
}

extension ClientSettings {
    func choice(offered: [String], isSecure: Bool, isCertificateShown: Bool) -> AuthenticationChoice {
        let needsTLS = submission.map { $0 != .anonymous } ?? !credentials.isEmpty
        guard needsTLS else { return .nothing }
        // D7: whoever stands between could else have the password, or be taken for the next hop.
        guard isSecure, tls.verifies else {
            return .impossible(.unauthenticated("credentials are for verified TLS alone", .needsVerifiedTLS))
        }
        guard let submission else { return relayChoice(offered) }
        return submissionChoice(submission, offered, isCertificateShown)
    }

    private func relayChoice(_ offered: [String]) -> AuthenticationChoice {
        if credentials.hasCertificate, offered.contains("EXTERNAL") { return .external(.plain) }
        let mechanisms = PasswordMechanism.ofRelay
        // A server that does not list EXTERNAL may take the certificate for the authentication of MAIL.
        guard credentials.login != nil else { return .nothing }
        if let mechanism = mechanisms.first(where: { offered.contains($0.rawValue) }) { return .password(mechanism) }
        let wanted = (credentials.hasCertificate ? ["EXTERNAL"] : []) + mechanisms.map(\.rawValue)
        return .impossible(.noMechanism(of: wanted, offered))
    }

    /// policies.md 7.6, for one connection.
    private func submissionChoice(
        _ method: SubmissionMethod, _ offered: [String], _ isCertificateShown: Bool
    ) -> AuthenticationChoice {
        let mechanism = PasswordMechanism.ofSubmission.first { offered.contains($0.rawValue) }
        switch method {
        case .anonymous: return .nothing
        case .password: return mechanism.map(AuthenticationChoice.password) ?? .impossible(.noPassword(offered))
        case .implicit: return isCertificateShown ? .nothing : .impossible(.certificateNotRequested)
        case .external(let identities):
            guard isCertificateShown else { return .impossible(.certificateNotRequested) }
            guard offered.contains("EXTERNAL") else { return .impossible(.externalNotOffered) }
            return .external(ExternalAttempt(identities))
        case .automatic(let identities):
            if isCertificateShown, offered.contains("EXTERNAL") { return .external(ExternalAttempt(identities)) }
            if credentials.login != nil, let mechanism { return .password(mechanism) }
            if isCertificateShown { return .nothing }
            // RFC 8314 §5.5: a certificate goes to nobody who does not ask; MAIL without it would be anybody's.
            return .impossible(credentials.login == nil ? .certificateNotRequested : .noPassword(offered))
        }
    }
}

extension ClientFailure {
    static func noMechanism(of wanted: [String], _ offered: [String]) -> ClientFailure {
        .unauthenticated(
            "EHLO offers none of \(wanted.joined(separator: ", "))", .noCommonMechanism(offered: offered))
    }

    static func noPassword(_ offered: [String]) -> ClientFailure {
        noMechanism(of: PasswordMechanism.ofSubmission.map(\.rawValue), offered)
    }

    static let certificateNotRequested = ClientFailure.unauthenticated(
        "the server did not ask for the certificate", .certificateNotRequested)
    static let externalNotOffered = ClientFailure.unauthenticated("EHLO does not offer EXTERNAL", .externalNotOffered)
}
