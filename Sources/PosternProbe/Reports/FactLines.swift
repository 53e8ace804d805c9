import PosternMail

/// The evidence, a line each: for the terminal and the page alike.
struct FactLines {
    let evidence: PortEvidence

    var all: [(name: String, words: String)] {
        let clear = evidence.target.security == .starttls ? [("before TLS", beforeTLS)] : []
        guard evidence.control?.isConnected == true else { return clear }
        return clear + [
            ("TLS", versions), ("the server's certificate", serverCertificate),
            ("asks for a client certificate", request),
            ("lists EXTERNAL", mechanisms), ("A  AUTH EXTERNAL", sequenceA), ("B  MAIL without AUTH", sequenceB),
            ("no certificate", words(evidence.control)), ("unknown certificate", words(evidence.stranger)),
        ] + conformance
    }

    private var beforeTLS: String {
        guard let clear = evidence.observations[.clear] else { return "not tried" }
        guard let capabilities = clear.clear else { return clear.endWords }
        let mechanisms = capabilities.mechanisms
        return (capabilities.offersStartTLS ? "STARTTLS" : "no STARTTLS")
            + (mechanisms.isEmpty ? ", no AUTH" : ", AUTH \(mechanisms.joined(separator: " "))")
    }

    private var versions: String {
        let newest = evidence.control?.tls ?? "not established"
        guard let older = evidence.observations[.olderTLS] else { return newest }
        return older.tls != nil || older.isCertificateRequested ? "\(newest); TLS 1.2 too" : "\(newest) alone"
    }

    private var serverCertificate: String {
        guard let certificate = evidence.serverCertificate else { return "not seen" }
        let names = certificate.names.prefix(4).joined(separator: ", ") + (certificate.names.count > 4 ? ", …" : "")
        return "for \(names.isEmpty ? "no name" : names); until \(certificate.notAfter.day); of \(certificate.issuer)"
    }

    private var request: String {
        guard evidence.isCertificateRequested else { return "no" }
        let kind = evidence.isCertificateRequired ? "yes, required" : "yes, optional"
        guard let names = evidence.authorities else { return kind }
        guard !names.isEmpty else { return "\(kind), of any authority" }
        let shown = names.prefix(3).map { SafeText.escape($0) }.joined(separator: "; ")
        return "\(kind), of \(names.count == 1 ? "the authority" : "\(names.count) authorities"): \(shown)"
            + (names.count > 3 ? "; …" : "")
    }

    private var mechanisms: String {
        let without = list(evidence.control)
        guard evidence.question.hasCertificate, evidence.implicit != nil else { return "without: \(without)" }
        return "with certificate: \(list(evidence.implicit)); without: \(without)"
    }

    private func list(_ observation: Observation?) -> String {
        guard let capabilities = observation?.capabilities else { return "not seen" }
        return capabilities.mechanisms.isEmpty ? "no AUTH" : capabilities.mechanisms.joined(separator: " ")
    }

    private var sequenceA: String {
        guard let external = evidence.external else {
            if let shortage = evidence.untried[.external] { return "\(shortage)" }
            guard evidence.implicit != nil else { return "not tried" }
            return evidence.implicit?.capabilities == nil ? "not reached" : "not offered"
        }
        return words(external) + (evidence.sequenceA.isAccepted ? "   <- works" : "")
    }

    private var sequenceB: String {
        words(evidence.implicit) + (evidence.sequenceB.isAccepted && !evidence.baseline.isAccepted ? "   <- works" : "")
    }

    /// What was answered, command by command.
    private func words(_ observation: Observation?) -> String {
        guard let observation else { return "not tried" }
        if observation.capabilities == nil { return observation.endWords }
        let answers = observation.answers.filter { $0.command != .reset }
        guard !answers.isEmpty else { return "not tried" }
        return answers.map { "\($0.command.word) \($0.reply.shortSummary)" }.joined(separator: ", ")
    }

    private var conformance: [(name: String, words: String)] {
        ConformanceCheck.allCases.compactMap { check in
            let step = ProbeStep.extended(check)
            if let shortage = evidence.untried[step] { return (check.rawValue, "\(shortage)") }
            return evidence.observations[step].map { (check.rawValue, words($0)) }
        }
    }
}

extension ProbeCommand {
    var word: String {
        switch self {
        case .authenticate, .authenticateAgain: "AUTH"
        case .mail, .foreignMail: "MAIL"
        case .recipient: "RCPT"
        case .reset: "RSET"
        case .quit: "QUIT"
        }
    }
}
