import Yams

/// An address and port on which clients submit.
public struct Listener: Sendable, Equatable {
    /// A free name, by which logs and `postern explain` call it.
    public var name: Located<String>
    /// An IPv4 or IPv6 address; nil for all addresses of both kinds.
    public var address: Located<String>?
    /// 0 lets the system pick one.
    public var port: Located<Int>
    public var tls: ListenerTLS
    /// Its own where it says so, else those of `client-certificates`.
    public var settings: CertificateSettings
    /// For accounts that say nothing else.
    public var bareNewline: BareNewline
    /// Whether it may break RFC 8314 §4.2 by `implicit` on a port with TLS at once.
    public var allowsNonconforming: Located<Bool>
}

/// When TLS begins. There is no listener without it.
public enum ListenerTLS: String, Sendable, CaseIterable {
    /// By the command STARTTLS (RFC 3207), as on port 587.
    case starttls
    /// With the first octet (RFC 8314 §3.3), as on port 465.
    case implicit

    /// The port that IANA has registered for it.
    var standardPort: Int {
        switch self {
        case .starttls: 587
        case .implicit: 465
        }
    }
}

extension Listener {
    /// A listener as far as it has been read.
    struct Draft: Sendable {
        var address: Located<String>?
        var port: Located<Int>?
        var tls: Located<ListenerTLS>?
        var settings: CertificateSettings
        var bareNewline: Located<BareNewline>?
        var allowsNonconforming: Located<Bool>?
    }

    static let settings: [Setting<Draft>] =
        [
            .located(
                "address", \.address, .address, .standard("127.0.0.1"), "Without it: all addresses, IPv4 and IPv6."),
            .located(
                "port", \.port, .number(0...65_535), .standard("587"),
                "Without it 587 for starttls, 465 for implicit. 0: the system picks one, and the log says which."),
            .located(
                "tls", \.tls, .choice, isRequired: true, .given("starttls"),
                "starttls: by command, as on 587. implicit: at once, as on 465."),
            .located(
                "bare-newline", \.bareNewline, .choice, .standard("refuse"),
                """
                A CR or LF that stands alone in a message. refuse: the message is refused. normalize: each becomes CRLF, for
                devices that cannot be taught otherwise.
                """),
            .located(
                "allow-nonconforming", \.allowsNonconforming, .yesOrNo, .standard("false"),
                "Lets the policy implicit stand with tls: implicit, which RFC 8314 section 4.2 forbids."),
        ] + CertificateSettings.settings(at: \.settings)

    /// What holds where the file has no `listeners`.
    /// - Parameter location: what stands for the place of each.
    static func standard(settings: CertificateSettings, at location: SourceLocation) -> [Listener] {
        var settings = settings
        settings.places = [:]
        return [("submission", ListenerTLS.starttls), ("submissions", .implicit)].map { name, tls in
            Listener(
                name: Located(name, at: location), address: nil, port: Located(tls.standardPort, at: location),
                tls: tls,
                settings: settings, bareNewline: .refuse, allowsNonconforming: Located(false, at: location))
        }
    }
}

extension Reader {
    /// - Parameter standard: what a listener has where it does not say otherwise.
    /// - Returns: the listeners that could be read, and whether they are all that stand there.
    func listeners(of node: Node, standard: CertificateSettings) -> (listeners: [Listener], isComplete: Bool) {
        guard let entries = entries(of: node, key: "listeners", expected: "a map of names to listeners") else {
            return ([], false)
        }
        if entries.isEmpty {
            report(
                .rule("'listeners' is empty: name at least one, or leave the key out for 587 and 465"),
                at: location(of: node))
        }
        for (name, value) in repeatedEntries(of: node) { _ = listener(of: value, name: name, standard: standard) }
        let listeners = entries.compactMap { listener(of: $0.value, name: $0.key, standard: standard) }
        checkPorts(of: listeners)
        return (listeners, listeners.count == entries.count)
    }

    private func listener(of node: Node, name: Located<String>, standard: CertificateSettings) -> Listener? {
        var draft = Listener.Draft(settings: standard)
        // The places are those of this listener's own keys; rules fall back on the common ones.
        draft.settings.places = [:]
        let title = "listener \(quoted(name.value))"
        read(node, as: Listener.settings, named: title, at: name.location, into: &draft)
        guard let tls = draft.tls else { return nil }
        return Listener(
            name: name, address: draft.address, port: draft.port ?? Located(tls.value.standardPort, at: name.location),
            tls: tls.value, settings: draft.settings, bareNewline: draft.bareNewline?.value ?? .refuse,
            allowsNonconforming: draft.allowsNonconforming ?? Located(false, at: name.location))
    }

    private func checkPorts(of listeners: [Listener]) {
        for (index, listener) in listeners.enumerated() where listener.port.value != 0 {
            let earlier = listeners[..<index].first {
                $0.port.value == listener.port.value
                    && ListenAddress($0.address?.value).overlaps(ListenAddress(listener.address?.value))
            }
            guard let earlier else { continue }
            let sentence =
                "port \(listener.port.value) is taken by listener \(quoted(earlier.name.value)) on the same address, or on all"
            report(.rule(sentence + "; give one of them another"), at: listener.port.location)
        }
    }
}
