import Logging
import PosternIdentity
import PosternMail
import PosternSubmission

extension AuthenticationRecord {
    /// The field `auth`, which answers in production how many clients come by sequence A and how many by B.
    /// - Parameter result: `accepted` or `refused`.
    func logFields(result: String) -> Logger.Metadata {
        let optional: [String: String?] = [
            "method": mechanism, "account": account, "claimed": claimed, "reason": reason,
            "tls": tls?.rawValue,
        ]
        var fields = optional.compactMapValues { $0.map { Logger.MetadataValue.string($0) } }
        fields["sequence"] = .string(sequence.rawValue)
        fields["policy"] = .string(policy.rawValue)
        fields["result"] = .string(result)
        fields["cert"] = certificate.map { .dictionary($0.logFields) }
        return fields
    }
}

extension CertificateSummary {
    /// The field `cert`.
    var logFields: Logger.Metadata {
        var fields: Logger.Metadata = ["state": .string(state.rawValue)]
        if !findings.isEmpty { fields["findings"] = .array(findings.map { .string($0) }) }
        if !mapping.isEmpty { fields["mapping"] = .array(mapping.map { .string($0.logText) }) }
        if !warnings.isEmpty { fields["warnings"] = .array(warnings.map { .string($0) }) }
        guard let facts else { return fields }
        fields["fp_sha256"] = .string(facts.certificateFingerprint.digest.hexadecimal)
        fields["spki"] = .string(facts.keyFingerprint.description)
        fields["subject"] = .string(facts.subject)
        fields["issuer_id"] = .string(facts.issuer)
        fields["serial"] = .string(facts.serial)
        fields["san"] = .array(facts.mailboxes.map { .string($0.description) })
        fields["not_after"] = .string(CalendarDate(facts.notAfter).description)
        return fields
    }
}

extension MappingFinding {
    /// `rfc822-name nobody: bob@example.org`. What was looked up stands last, since it may be long and be cut.
    fileprivate var logText: String {
        let outcome =
            switch result {
            case .account(let name): "account \(name)"
            case .nobody: "nobody"
            case .outsideGrant(let authority): "outside-grant of \(authority)"
            case .notVouchedFor: "not-vouched-for"
            }
        return "\(rule.rawValue) \(outcome): \(subject)"
    }
}
