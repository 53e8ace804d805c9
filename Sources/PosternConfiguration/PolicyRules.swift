/// What may not stand together in the settings of certificates, and what would have no effect.
extension Reader {
    /// - Parameter section: where `client-certificates` stands.
    func checkPolicies(of listeners: [Listener], common: CertificateSettings, at section: SourceLocation) {
        checkContradictions(in: common, named: "client-certificates", at: section)
        for listener in listeners {
            let title = "listener \(quoted(listener.name.value))"
            let own = listener.settings.places
            checkContradictions(in: listener.settings, named: title, at: nil)
            checkEffect(of: listener.settings, named: title)
            checkConformance(
                of: listener, named: title, at: own["policy"] ?? common.places["policy"] ?? listener.name.location)
            checkPort(of: listener, named: title)
        }
    }

    /// A common setting is meant for some listener that takes it over; a default that none takes over is still one.
    func checkEffect(of common: CertificateSettings, on listeners: [Listener]) {
        for rule in PolicyRule.all {
            guard let place = common.places[rule.key] else { continue }
            let reasons = listeners.map(\.settings).filter { $0.places[rule.key] == nil }.map(rule.lackOfEffect)
            guard !reasons.isEmpty, !reasons.contains(nil) else { continue }
            var different: [String] = []
            for case let reason? in reasons where !different.contains(reason) { different.append(reason) }
            reportNoEffect(of: rule, in: common, named: "client-certificates", different, at: place)
        }
    }

    /// - Parameter location: what stands for the place of settings that have none; nil leaves out what is said of the
    ///   common settings already, since neither side of the contradiction is the listener's own.
    private func checkContradictions(
        in settings: CertificateSettings, named title: String, at location: SourceLocation?
    ) {
        for rule in PolicyRule.all {
            guard case .contradiction(let why) = rule.verdict(on: settings),
                let place = settings.places[rule.key] ?? settings.places["policy"] ?? location
            else { continue }
            let pair = "'\(rule.key): \(rule.value(settings))' and 'policy: \(settings.policy.rawValue)'"
            let remedy = "use \(rule.standard), or the policy explicit"
            report(.rule("\(title): \(pair) exclude each other: \(why); \(remedy)"), at: place)
        }
    }

    private func checkEffect(of settings: CertificateSettings, named title: String) {
        for rule in PolicyRule.all {
            guard let place = settings.places[rule.key], let reason = rule.lackOfEffect(on: settings) else { continue }
            reportNoEffect(of: rule, in: settings, named: title, [reason], at: place)
        }
    }

    private func reportNoEffect(
        of rule: PolicyRule, in settings: CertificateSettings, named title: String, _ reasons: [String],
        at place: SourceLocation
    ) {
        let setting = "'\(rule.key): \(rule.value(settings))'"
        let why = reasons.joined(separator: ", and ")
        report(.rule("\(title): \(setting) has no effect: \(why); leave it out, or use another policy"), at: place)
    }

    /// RFC 8314 §4.2: a server that takes client certificates where TLS begins at once must offer EXTERNAL.
    private func checkConformance(of listener: Listener, named title: String, at location: SourceLocation) {
        guard listener.settings.policy == .implicit, listener.tls == .implicit else {
            guard listener.allowsNonconforming.value else { return }
            let sentence = "\(title): 'allow-nonconforming: true' has no effect: nothing on it is nonconforming"
            let remedy = "leave it out; it is for the policy implicit with 'tls: implicit'"
            return report(.rule("\(sentence); \(remedy)"), at: listener.allowsNonconforming.location)
        }
        let clause = "RFC 8314 section 4.2: with TLS at once, a server that takes certificates must offer AUTH EXTERNAL"
        if listener.allowsNonconforming.value {
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
