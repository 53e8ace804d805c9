import NIOCore
import PosternCertificates
import PosternIdentity
import PosternMail
import PosternSMTP
import PosternSubmission

/// What `postern explain` prints: lines with a word at their head and, below it, its particulars.
struct ExplanationText {
    private(set) var lines: [String] = []

    init(_ question: SessionPreview.Question, _ preview: SessionPreview) {
        listener(question)
        if let examination = question.examination {
            certificate(examination, question)
        } else {
            add("certificate", "none is sent")
        }
        mapping(preview.decision.mapping)
        add("standing", preview.decision.standing.sentence)
        replies(preview.course, question)
    }

    private mutating func add(_ head: String, _ text: String) {
        lines.append(Self.column(head, 13) + text)
    }

    private mutating func addBelow(_ head: String, _ text: String) {
        lines.append("  " + Self.column(head, 11) + text)
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private mutating func listener(_ question: SessionPreview.Question) {
        let listener = question.settings.listener
        let tls = listener.tls == .startTLS ? "TLS by STARTTLS" : "TLS at once"
        add(
            "listener",
            "\(listener.name): \(tls), policy \(listener.policy.rawValue), unusable \(listener.unusable.rawValue)")
        add("moment", "\(CalendarDate(question.now)), over TLS \(question.tls.rawValue)")
    }
}

// The certificate, and what was looked at.
extension ExplanationText {
    private mutating func certificate(_ examination: Examination, _ question: SessionPreview.Question) {
        if question.settings.listener.policy == .off {
            add("certificate", "not asked for under policy off; what follows is what it would be worth elsewhere")
        }
        let explanation = examination.explanation(at: question.now, trust: question.snapshot.trust)
        if let facts = examination.facts { self.facts(facts) }
        if !explanation.path.isEmpty {
            add("path", explanation.path.map(\.description).joined(separator: " <- "))
        }
        add("checks", "")
        for row in explanation.rows { self.row(row) }
        add("verdict", explanation.state.sentence)
        if case .verified(let certificate) = explanation.state {
            for warning in certificate.warnings { addBelow("warning", warning.description) }
        }
    }

    private mutating func facts(_ facts: CertificateFacts) {
        add("certificate", facts.subject)
        addBelow("issuer", facts.issuer)
        addBelow("serial", facts.serial)
        addBelow("valid", "\(CalendarDate(facts.notBefore)) to \(CalendarDate(facts.notAfter))")
        addBelow("key", "\(facts.key), \(facts.keyFingerprint)")
        let names = facts.mailboxes.map(\.description)
        addBelow("addresses", names.isEmpty ? "none" : names.joined(separator: ", "))
        for note in facts.notes { addBelow("note", note) }
    }

    private mutating func row(_ row: PosternCertificates.Explanation.Row) {
        let subject = "\(row.rule.name), \(row.certificate)"
        switch row.outcome {
        case .passed: addBelow("ok", "\(subject): \(row.words) (\(row.rule.clause))")
        case .notApplicable: addBelow("-", "\(subject): \(row.words) (\(row.rule.clause))")
        case .notAsked: addBelow("not asked", "\(subject): \(row.words) (\(row.rule.clause))")
        case .broken(let findings):
            for finding in findings {
                addBelow(
                    "BROKEN", "\(subject): expected \(finding.expected), found \(finding.found) (\(finding.clause))")
            }
        }
    }

    private mutating func mapping(_ findings: [MappingFinding]) {
        guard !findings.isEmpty else { return }
        add("mapping", "")
        for finding in findings { addBelow(finding.rule.rawValue, "\(finding.subject): \(finding.result.sentence)") }
    }
}

// The replies.
extension ExplanationText {
    private mutating func replies(_ course: SessionPreview.Course, _ question: SessionPreview.Question) {
        guard case .session(let replies) = course else {
            add("replies", "none: the handshake fails with an alert (unusable: abort)")
            return
        }
        let identity = question.authorizationIdentity.map { "as '\(SafeText.escape($0))'" } ?? "="
        reply("to EHLO", replies.ehlo)
        reply("to AUTH EXTERNAL \(identity)", replies.auth)
        reply("to MAIL without AUTH", replies.mail)
        reply("to MAIL after that AUTH", replies.mailAfterAuth)
    }

    private mutating func reply(_ head: String, _ reply: Reply) {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        lines.append(head)
        let text = String(decoding: buffer.readableBytesView, as: UTF8.self)
        lines += text.split(separator: "\r\n").map { "  " + $0 }
    }
}

extension CertificateState {
    fileprivate var sentence: String {
        switch self {
        case .none: "no certificate"
        case .unusable(let unusable):
            "unusable: \(unusable.findings.count == 1 ? "one check is" : "\(unusable.findings.count) checks are") broken"
        case .verified(let certificate):
            "good, by " + certificate.basis + "; " + certificate.revocation.sentence
        }
    }
}

extension VerifiedCertificate {
    fileprivate var basis: String {
        switch (authority, isPinned) {
        case (let authority?, true): "authority \(authority) and by its pinned key"
        case (let authority?, false): "authority \(authority)"
        case (nil, _): "its pinned key"
        }
    }
}

extension RevocationStatus {
    fileprivate var sentence: String {
        switch self {
        case .notChecked: "no revocation list to look at"
        case .notCovered(let issuer): "not covered by a revocation list of \(issuer)"
        case .good: "not revoked"
        case .unavailable(let list): "whether it is revoked cannot be told: \(list)"
        }
    }
}

extension MappingFinding.Result {
    fileprivate var sentence: String {
        switch self {
        case .account(let name): "account \(name)"
        case .nobody: "no account has this address"
        case .outsideGrant(let authority): "outside of the domains of authority \(authority)"
        case .notVouchedFor: "no authority vouches for it: the certificate is good by its key alone"
        }
    }
}

extension Standing {
    /// With the letter of the policy tables.
    fileprivate var sentence: String {
        switch self {
        case .noCertificate: "N: no certificate"
        case .unusable: "U: the certificate proves nothing"
        case .tlsBelowMinimum(_, let minimum): "U: the certificate counts over TLS \(minimum.rawValue) and later only"
        case .unmapped: "T: the certificate is good, and leads to no account"
        case .ambiguous(_, let accounts):
            "T*: the certificate leads to several accounts: \(accounts.map(\.name).joined(separator: ", "))"
        case .mapped(_, let account):
            "M: the certificate leads to account \(account.name)" + (account.isDisabled ? ", which is disabled" : "")
        }
    }
}
