/// What may not stand together in the settings of certificates.
extension Reader {
    /// - Parameter section: where `client-certificates` stands.
    func checkPolicies(of listeners: [Listener], common: CertificateSettings, at section: SourceLocation) {
        checkStrict(common, named: "client-certificates", at: section)
        for listener in listeners {
            let title = "listener \(quoted(listener.name.value))"
            let own = listener.settings.places
            if !own.isEmpty { checkStrict(listener.settings, named: title, at: listener.name.location) }
            checkConformance(
                of: listener, named: title, at: own["policy"] ?? common.places["policy"] ?? listener.name.location)
            checkPort(of: listener, named: title)
        }
    }

    /// Under `strict` nothing before AUTH may depend on the certificate, and passwords never do.
    private func checkStrict(_ settings: CertificateSettings, named title: String, at location: SourceLocation) {
        guard settings.policy == .strict else { return }
        if settings.certificateAccount == .mustMatch {
            let sentence = "\(title): 'certificate-account: must-match' and 'policy: strict' exclude each other"
            report(
                .rule(
                    sentence
                        + ": under strict a certificate counts only in AUTH EXTERNAL; use allow, or the policy explicit"
                ),
                at: settings.places["certificate-account"] ?? settings.places["policy"] ?? location)
        }
        if settings.unusable != .proceed {
            let sentence = "\(title): 'unusable: \(settings.unusable.rawValue)' and 'policy: strict' exclude each other"
            report(
                .rule(
                    sentence
                        + ": before AUTH nothing may depend on the certificate; use continue, or the policy explicit"
                ),
                at: settings.places["unusable"] ?? settings.places["policy"] ?? location)
        }
    }

    /// RFC 8314 §4.2: a server that takes client certificates where TLS begins at once must offer EXTERNAL.
    private func checkConformance(of listener: Listener, named title: String, at location: SourceLocation) {
        guard listener.settings.policy == .implicit, listener.tls == .implicit else { return }
        let clause = "RFC 8314 section 4.2: with TLS at once, a server that takes certificates must offer AUTH EXTERNAL"
        if listener.allowsNonconforming {
            report(.rule("\(title) has the policy implicit, against \(clause)"), at: location, .hazard)
        } else {
            let remedy =
                "use the policy both, which takes MAIL without AUTH as well, or set allow-nonconforming: true on it"
            report(.rule("\(title) cannot have the policy implicit (\(clause)); \(remedy)"), at: location)
        }
    }

    private func checkPort(of listener: Listener, named title: String) {
        for tls in ListenerTLS.allCases where tls != listener.tls && tls.standardPort == listener.port.value {
            let expected = "clients expect 'tls: \(tls.rawValue)' on port \(listener.port.value)"
            report(
                .rule("\(title) has 'tls: \(listener.tls.rawValue)': \(expected)"), at: listener.port.location, .hazard)
        }
    }
}
