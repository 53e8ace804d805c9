/// Something that an administrator should know of, besides the verdict.
public struct Finding: Hashable, Sendable {
    public enum Level: String, Hashable, Sendable {
        /// Somebody may get in who should not, or a secret is in danger.
        case danger
        /// A clause is broken, or some program fails because of it.
        case warning
        case note
    }

    public let id: String
    public let level: Level
    public let text: String
    /// RFC and section; nil where it is experience alone.
    public let clause: String?

    /// All that hold, the gravest first.
    public static func all(_ evidence: PortEvidence, _ verdict: Verdict) -> [Finding] {
        let findings = (rules + serverRules + conformanceRules).flatMap { $0(evidence, verdict) }
        return [Level.danger, .warning, .note].flatMap { level in findings.filter { $0.level == level } }
    }

    typealias Rule = @Sendable (PortEvidence, Verdict) -> [Finding]

    /// A rule of one finding.
    static func rule(
        _ id: String, _ level: Level, _ clause: String?, _ text: String,
        _ holds: @escaping @Sendable (PortEvidence, Verdict) -> Bool
    ) -> Rule {
        { evidence, verdict in
            holds(evidence, verdict) ? [Finding(id: id, level: level, text: text, clause: clause)] : []
        }
    }

    private static let rules: [Rule] = [
        rule(
            "STRANGER-ACCEPTED", .danger, "RFC 4422 §A.1",
            "a certificate of nobody is enough: mail is taken with one that no authority has issued"
        ) { evidence, _ in
            guard let stranger = evidence.stranger, !evidence.baseline.isAccepted else { return false }
            return evidence.question.recipient != nil && Acceptance(stranger, evidence.question).isAccepted
        },
        rule(
            "EXTERNAL-IN-CLEAR", .warning, "RFC 4954 §4",
            "EXTERNAL is listed before TLS, where it can mean no certificate"
        ) { evidence, _ in evidence.observations[.clear]?.clear?.mechanisms.contains("EXTERNAL") ?? false },
        rule(
            "PASSWORDS-IN-CLEAR", .warning, "RFC 4954 §4, RFC 8314 §4.1",
            "passwords are asked for before TLS, where everybody on the way can read them"
        ) { evidence, _ in
            let mechanisms = evidence.observations[.clear]?.clear?.mechanisms ?? []
            return mechanisms.contains("PLAIN") || mechanisms.contains("LOGIN")
        },
        rule(
            "RFC8314-4.2", .warning, "RFC 8314 §4.2",
            "certificates are taken on the port with implicit TLS, but EXTERNAL is not offered there"
        ) { evidence, verdict in evidence.target.security == .implicit && verdict.kind == .implicitOnly },
        rule(
            "REQUEST-WITHOUT-USE", .warning, "RFC 8314 §4.2",
            "a certificate is asked for, and nothing shows what for: a server must not ask for one that it has no use for; or this one is unknown to it"
        ) { evidence, verdict in
            verdict.kind == .notTrusted && evidence.implicit?.listsExternal == false
                && evidence.implicit?.rejection == nil
        },
        rule(
            "HARD-REJECTS-UNKNOWN", .warning, "RFC 8446 §4.4.2.4",
            "an unknown certificate ends the connection: who shows one without knowing, as Gmail's \"Send mail as\", cannot send"
        ) { evidence, _ in evidence.stranger?.rejection != nil },
        rule(
            "EXTERNAL-TO-STRANGERS", .warning, "RFC 4422 §A.3",
            "EXTERNAL is offered to a certificate of nobody, for which it can only fail"
        ) { evidence, _ in evidence.stranger?.listsExternal ?? false },
        rule(
            "EXTERNAL-WITHOUT-CERTIFICATE", .warning, "RFC 4422 §A.3",
            "EXTERNAL is offered without a certificate, where programs that prefer it fail"
        ) { evidence, _ in evidence.control?.listsExternal ?? false },
        rule(
            "PASSWORDS-WITHHELD", .note, nil,
            "with a certificate no password mechanism is offered that is offered without: programs that are set to a password fail"
        ) { evidence, _ in
            guard let control = evidence.control, let implicit = evidence.implicit, implicit.capabilities != nil else {
                return false
            }
            return !Set(control.passwordMechanisms).isSubset(of: implicit.passwordMechanisms)
        },
        rule(
            "PASSWORD-FIRST-CLIENTS", .note, nil,
            "PLAIN stands beside EXTERNAL: programs with GSASL choose PLAIN and ask for a password"
        ) { evidence, _ in
            guard let implicit = evidence.implicit, implicit.listsExternal else { return false }
            return implicit.passwordMechanisms.contains("PLAIN")
        },
        rule(
            "EMPTY-NAME-REFUSED", .warning, "RFC 4422 §A.1",
            "the empty authorization identity is refused, and the certificate's own address taken: programs that leave it empty fail"
        ) { evidence, _ in
            let ownName = evidence.observations[.extended(.ownName)]?.authentication
            return ownName?.code == 235 && evidence.external.map { !$0.isAuthenticated } ?? false
        },
        rule(
            "TLS-VERSIONS-DIFFER", .warning, nil,
            "with this certificate a client of TLS 1.2 is served otherwise than one of TLS 1.3"
        ) { evidence, _ in
            guard let older = evidence.observations[.olderTLS], let implicit = evidence.implicit,
                implicit.tls != older.tls, older.capabilities != nil, implicit.capabilities != nil,
                evidence.olderSequenceB != .unknown, evidence.sequenceB != .unknown
            else { return false }
            return older.listsExternal != implicit.listsExternal
                || evidence.olderSequenceB.isAccepted != evidence.sequenceB.isAccepted
        },
        rule(
            "EXTERNAL-UNLISTED", .warning, "RFC 4954 §4",
            "AUTH EXTERNAL works although EHLO does not list it, so that no program tries it"
        ) { evidence, _ in evidence.isExternalAccepted && evidence.external?.listsExternal == false },
        rule(
            "KNOWN-BY-FINGERPRINT", .note, nil,
            "the certificate is taken although none of the authorities that the request names has issued it: the server knows it by its fingerprint or its key; programs that choose a certificate by those names do not offer this one"
        ) { evidence, _ in evidence.isKnownByFingerprint },
        rule("TLS-1.2-REFUSED", .note, nil, "TLS 1.2 is refused; old programs cannot connect") { evidence, _ in
            guard let older = evidence.observations[.olderTLS], evidence.control?.tls != nil else { return false }
            return older.tls == nil && !older.isCertificateRequested && older.isConnected
        },
        rule("NO-TLS-1.3", .note, "RFC 8446", "TLS 1.3 is not spoken") { evidence, _ in
            evidence.control?.tls.map { $0 != "TLS 1.3" } ?? false
        },
        rule(
            "OLD-TLS-ALONE", .danger, "RFC 8996 §4, RFC 8996 §5",
            "nothing newer than TLS 1.1 is spoken, which nobody is to use any more"
        ) { evidence, _ in evidence.observations[.obsoleteTLS]?.tls != nil },
    ]
}
