import Yams

/// How long a next hop is waited for (RFC 5321 §4.5.3.2).
public struct NextHopTimeouts: Sendable, Hashable {
    /// For the connection.
    public var connection = Duration.seconds(30)
    /// For the TLS handshake.
    public var handshake = Duration.seconds(60)
    /// For the 220 at the beginning.
    public var greeting = Duration.seconds(300)
    /// For EHLO, STARTTLS, AUTH and RSET.
    public var hello = Duration.seconds(300)
    public var mail = Duration.seconds(300)
    public var recipient = Duration.seconds(300)
    public var data = Duration.seconds(120)
    /// For one piece of the content to go out.
    public var block = Duration.seconds(180)
    public var endOfData = Duration.seconds(600)

    /// Where each key that was given stands.
    var places: [String: SourceLocation] = [:]

    public init() {}

    static let settings: [Setting<NextHopTimeouts>] = [
        .timeout("connection", \.connection, "For the connection."),
        .timeout("handshake", \.handshake, "For the TLS handshake."),
        .timeout("greeting", \.greeting, "For the greeting."),
        .timeout("ehlo", \.hello, "For EHLO, STARTTLS, AUTH and RSET."),
        .timeout("mail", \.mail, "For MAIL."),
        .timeout("recipient", \.recipient, "For RCPT."),
        .timeout("data", \.data, "For DATA."),
        .timeout("block", \.block, "For a piece of the content to go out."),
        .timeout("end-of-data", \.endOfData, "For the reply to the content."),
    ]

    /// What RFC 5321 §4.5.3.2.1 to 6 ask for at least.
    private static let minima: [(String, KeyPath<NextHopTimeouts, Duration> & Sendable)] = [
        ("greeting", \.greeting), ("mail", \.mail), ("recipient", \.recipient), ("data", \.data), ("block", \.block),
        ("end-of-data", \.endOfData),
    ]

    /// The keys whose times are shorter than the RFC's.
    fileprivate var hazards: [(place: SourceLocation, sentence: String)] {
        Self.minima.compactMap { name, path in
            let least = NextHopTimeouts()[keyPath: path]
            guard self[keyPath: path] < least, let place = places[name] else { return nil }
            let effect = name == "end-of-data" ? "; who gives up too early sends a message twice" : ""
            return (
                place,
                "timeouts: \(name) is under the \(least.components.seconds) s of RFC 5321 section 4.5.3.2\(effect)"
            )
        }
    }
}

extension NextHopTimeouts: CustomStringConvertible {
    /// In seconds, in the order of their keys.
    public var description: String { all.map { "\($0.components.seconds)" }.joined(separator: " ") }

    // Where they stand makes no difference.
    public static func == (left: NextHopTimeouts, right: NextHopTimeouts) -> Bool { left.all == right.all }
    public func hash(into hasher: inout Hasher) { hasher.combine(all) }

    private var all: [Duration] {
        [connection, handshake, greeting, hello, mail, recipient, data, block, endOfData]
    }
}

extension Reader {
    func timeouts(of node: Node) -> NextHopTimeouts {
        var timeouts = NextHopTimeouts()
        read(node, as: NextHopTimeouts.settings, named: "timeouts", at: location(of: node), into: &timeouts)
        for (place, sentence) in timeouts.hazards { report(.rule(sentence), at: place, .hazard) }
        return timeouts
    }
}

extension Setting where Section == NextHopTimeouts {
    fileprivate static func timeout(
        _ name: String, _ path: WritableKeyPath<NextHopTimeouts, Duration> & Sendable, _ documentation: String
    ) -> Setting {
        let form = Form<Duration>.duration(.seconds(1) ... .seconds(3_600))
        let example = Example.standard(form.write(NextHopTimeouts()[keyPath: path]))
        return Setting(name: name, documentation: documentation, isRequired: false, example: example) {
            node, reader, timeouts in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            timeouts[keyPath: path] = value.value
            timeouts.places[name] = value.location
        }
    }
}
