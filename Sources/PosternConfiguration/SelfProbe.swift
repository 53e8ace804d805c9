import Yams

/// By which certificate Postern asks its own listeners what they do.
public struct SelfProbe: Sendable, Equatable {
    /// PEM: a client's certificate, then its issuers'.
    public var certificate: Located<String>
    /// PEM, without a pass phrase.
    public var key: Located<String>
    /// Whether it asks at each start.
    public var isAtStart: Bool
}

extension SelfProbe {
    struct Draft: Sendable {
        var certificate: Located<String>?
        var key: Located<String>?
        var isAtStart = false
    }

    static let settings: [Setting<Draft>] = [
        .located(
            "certificate", \.certificate, .path("the path of a PEM file"), isRequired: true,
            .given("/etc/postern/probe.pem"), "PEM: a client's certificate that leads to an account."),
        .located(
            "key", \.key, .path("the path of a PEM file"), isRequired: true, .given("/etc/postern/probe.key"),
            "PEM, without a pass phrase."),
        .optional(
            "at-start", \.isAtStart, .yesOrNo, in: Draft(),
            "Whether it asks at each start; what differs from the policies stands in the log."),
    ]
}

extension Reader {
    func selfProbe(of node: Node) -> SelfProbe? {
        guard !isNothing(node) else { return nil }
        var draft = SelfProbe.Draft()
        read(node, as: SelfProbe.settings, named: "probe", at: location(of: node), into: &draft)
        guard let certificate = draft.certificate, let key = draft.key else { return nil }
        return SelfProbe(certificate: certificate, key: key, isAtStart: draft.isAtStart)
    }
}
