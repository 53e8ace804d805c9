/// What a server does with client certificates. There is none but by `judge`, from what was seen.
public struct Verdict: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case both = "BOTH"
        case externalOnly = "A-ONLY"
        case implicitOnly = "B-ONLY"
        case ignoresCertificates = "IGNORES-CERTIFICATES"
        case gate = "GATE"
        case externalBroken = "EXTERNAL-BROKEN"
        case notTrusted = "CERTIFICATE-NOT-TRUSTED"
        case open = "OPEN-OR-IP-TRUSTED"
        case temporary = "TEMPORARY"
        case unreachable = "UNREACHABLE"
        case inconclusive = "INCONCLUSIVE"
    }

    public enum Confidence: String, Hashable, Sendable {
        case high
        case medium
        case low
    }

    public let kind: Kind
    public let confidence: Confidence
    /// One sentence: what it rests on.
    public let reason: String

    private init(_ kind: Kind, _ confidence: Confidence, _ reason: String) {
        self.kind = kind
        self.confidence = confidence
        self.reason = reason
    }

    /// The first rule that holds.
    public static func judge(_ evidence: PortEvidence) -> Verdict {
        for rule in rules {
            if let verdict = rule(evidence) { return verdict }
        }
        return Verdict(.inconclusive, .low, "what the server answered fits no rule; the transcript has it all")
    }

    private typealias Rule = @Sendable (PortEvidence) -> Verdict?

    private static let rules: [Rule] = [
        unreachable, unverified, sentAwayAtOnce, open, ignores, withoutOwnCertificate, rejected, temporary, undecided,
        externalWorks, externalRefused, implicitWorks, gate, notTrusted,
    ]

    // MARK: No conversation

    private static let unreachable: Rule = { evidence in
        if let clear = evidence.observations[.clear] {
            if case .refused(_, let reply) = clear.end, (400..<500).contains(reply.code) {
                return Verdict(.temporary, .high, "the server is not to be spoken to now: \(reply.summary)")
            }
            guard clear.isConnected, let offered = clear.clear else {
                return Verdict(.unreachable, .high, "no greeting and EHLO: \(clear.endWords)")
            }
            guard offered.offersStartTLS else {
                return Verdict(.unreachable, .high, "no TLS: EHLO does not offer STARTTLS")
            }
        }
        guard let control = evidence.control else { return Verdict(.unreachable, .low, "no step took place") }
        guard control.isConnected else { return Verdict(.unreachable, .high, control.endWords) }
        return nil
    }

    private static let unverified: Rule = { evidence in
        guard let control = evidence.control, case .failed(_, let failure) = control.end,
            failure.isOfServerCertificate
        else { return nil }
        return Verdict(
            .inconclusive, .high,
            "\(failure.text); no certificate is shown to such a server (--ca for one of your own authority, --insecure to show it all the same)"
        )
    }

    private static let sentAwayAtOnce: Rule = { evidence in
        guard let control = evidence.control, control.capabilities == nil, !evidence.isCertificateRequired else {
            return nil
        }
        if case .refused(_, let reply) = control.end, (400..<500).contains(reply.code) {
            return Verdict(.temporary, .high, "the server is not to be spoken to now: \(reply.summary)")
        }
        if let version = evidence.observations[.obsoleteTLS]?.tls {
            return Verdict(
                .unreachable, .high, "\(version) is the newest that the server speaks, and no program is to speak that")
        }
        return Verdict(.unreachable, .high, "no EHLO in TLS: \(control.endWords)")
    }

    // MARK: Without a certificate

    private static let open: Rule = { evidence in
        guard evidence.baseline.isAccepted, let reply = evidence.baseline.reply else { return nil }
        guard evidence.question.recipient != nil else { return nil }
        return Verdict(
            .open, .high,
            "a recipient elsewhere is taken without certificate and without AUTH: \(reply.summary); from here it cannot be seen what a certificate does"
        )
    }

    private static let ignores: Rule = { evidence in
        guard !evidence.isCertificateRequested else { return nil }
        return Verdict(.ignoresCertificates, .high, "no certificate is asked for in the TLS handshake")
    }

    private static let withoutOwnCertificate: Rule = { evidence in
        guard !evidence.question.hasCertificate else { return nil }
        let what = evidence.isCertificateRequired ? "required" : "asked for"
        return Verdict(
            .inconclusive, .high,
            "a certificate is \(what), but A cannot be told from B without a certificate that this server trusts")
    }

    // MARK: With one

    private static let rejected: Rule = { evidence in
        guard let words = evidence.implicit?.rejection ?? evidence.external?.rejection else { return nil }
        return Verdict(
            .notTrusted, .high, "this certificate is rejected: \(words); that proves nothing of the policy")
    }

    private static let temporary: Rule = { evidence in
        let isListed = evidence.implicit?.listsExternal == true
        let external = isListed ? evidence.sequenceA : .unknown
        for (what, acceptance) in [("MAIL without AUTH", evidence.sequenceB), ("AUTH EXTERNAL", external)] {
            guard acceptance.isTemporary, let reply = acceptance.reply else { continue }
            return Verdict(.temporary, .high, "\(what): \(reply.summary); try again later")
        }
        for step in [ProbeStep.withCertificate, .external] {
            guard case .refused(_, let reply)? = evidence.observations[step]?.end, reply.code == 421 else { continue }
            return Verdict(.temporary, .medium, "\(step.name): \(reply.summary); try again later")
        }
        return nil
    }

    /// Whoever takes MAIL of everybody has not decided there.
    private static let undecided: Rule = { evidence in
        guard evidence.question.recipient == nil, evidence.baseline.isAccepted else { return nil }
        return Verdict(
            .inconclusive, .high,
            "MAIL is taken without certificate and without AUTH. Many servers do that and decide at RCPT, Postfix among them; others are open to everybody. Ask again with a recipient of yours elsewhere: --rcpt you@another.example"
        )
    }

    private static let externalWorks: Rule = { evidence in
        guard evidence.isExternalAccepted else { return nil }
        guard evidence.sequenceA.isAccepted else {
            let words = evidence.sequenceA.reply?.summary ?? "no answer"
            return Verdict(
                .inconclusive, .medium, "AUTH EXTERNAL succeeds, but the transaction behind it does not: \(words)")
        }
        switch evidence.sequenceB {
        case .accepted: return Verdict(.both, evidence.certainty, "AUTH EXTERNAL works, and MAIL without AUTH works")
        case .refused(let reply):
            return Verdict(
                .externalOnly, evidence.certainty,
                "AUTH EXTERNAL works, and without AUTH the server says \(reply.summary)")
        case .temporary, .otherwise, .unknown: return nil
        }
    }

    private static let externalRefused: Rule = { evidence in
        // Of a server that does not list it nothing else is to be expected.
        guard evidence.implicit?.listsExternal == true, let reply = evidence.external?.authentication,
            reply.code != 235, reply.code / 100 != 4
        else { return nil }
        if evidence.sequenceB.isAccepted {
            return Verdict(
                .externalBroken, evidence.certainty,
                "EXTERNAL is offered but answered \(reply.summary), while MAIL without AUTH works")
        }
        guard evidence.control?.listsExternal == true || evidence.stranger?.listsExternal == true else {
            return Verdict(
                .externalBroken, evidence.certainty,
                "EXTERNAL is offered to this certificate but answered \(reply.summary); MAIL without AUTH does not work either"
            )
        }
        // Dovecot and nginx offer it to everybody; so whether it is broken or the certificate unknown cannot be told.
        return Verdict(
            .notTrusted, .medium,
            "EXTERNAL is offered to everybody, and answered \(reply.summary) with this certificate")
    }

    private static let implicitWorks: Rule = { evidence in
        guard let implicit = evidence.implicit, !implicit.listsExternal, evidence.sequenceB.isAccepted else {
            return nil
        }
        return Verdict(
            .implicitOnly, evidence.certainty, "EXTERNAL is not offered, and MAIL without AUTH works")
    }

    private static let gate: Rule = { evidence in
        guard evidence.isCertificateRequired, let implicit = evidence.implicit, !implicit.listsExternal,
            evidence.sequenceB.isRefused, !implicit.passwordMechanisms.isEmpty
        else { return nil }
        return Verdict(
            .gate, evidence.certainty,
            "nobody comes in without a certificate, and with one a password is wanted as well")
    }

    private static let notTrusted: Rule = { evidence in
        guard let implicit = evidence.implicit, let control = evidence.control, !implicit.listsExternal,
            evidence.sequenceB.isRefused, evidence.baseline.isRefused,
            evidence.sequenceB.reply?.code == evidence.baseline.reply?.code
        else { return nil }
        let isSame = implicit.capabilities?.mechanisms == control.capabilities?.mechanisms
        return Verdict(
            .notTrusted, isSame ? .medium : .low,
            "with this certificate the server behaves as with none; that proves nothing of its policy")
    }
}

extension PortEvidence {
    /// Without a recipient a server that decides at RCPT was not seen to decide.
    fileprivate var certainty: Verdict.Confidence {
        guard question.recipient != nil else { return .medium }
        return isCertificateRequired || baseline.isRefused ? .high : .medium
    }
}

extension Observation {
    var endWords: String {
        switch end {
        case .quit: "the connection ended"
        case .refused(let step, let reply): "\(step) was answered \(reply.summary)"
        case .failed(_, let failure): failure.text
        }
    }
}
