import PosternMail

extension Rule {
    /// On none of its issuer's revocation lists.
    public static let revocation = Rule(name: "revocation", clause: "RFC 5280 §6.3")
}

struct RevocationRule: Sendable {
    let rule = Rule.revocation

    /// What the authority's lists say of one certificate.
    enum Answer: Sendable {
        case noLists
        case notCovered
        case good
        case stale(StaleList)
        case revoked(RevocationList)
    }

    func answer(_ step: Step, _ authority: Authority, at moment: Timestamp) -> Answer {
        guard !authority.lists.isEmpty else { return .noLists }
        guard let list = authority.list(of: step.certificate.issuer) else { return .notCovered }
        // A list that is out of date still proves what it revokes.
        if list.revokes(step.certificate.serial) { return .revoked(list) }
        return list.staleness(at: moment).map(Answer.stale) ?? .good
    }

    func finding(_ step: Step, _ list: RevocationList) -> Finding {
        Finding(
            rule: rule, certificate: step.reference, expected: "a certificate that \(list.issuer) has not revoked",
            found: describe(step, .revoked(list)), refusal: .revoked)
    }

    func describe(_ step: Step, _ answer: Answer) -> String {
        switch answer {
        case .noLists: "the authority has no list"
        case .notCovered: "no list of \(step.certificate.issuer.text), so not covered"
        case .good: "not on the list of \(step.certificate.issuer.text)"
        case .stale(let list): list.description
        case .revoked(let list):
            "serial number \(step.certificate.serial.hexadecimal) on its list of \(CalendarDate(list.thisUpdate))"
        }
    }
}
