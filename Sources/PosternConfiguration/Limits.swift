/// The bounds of what clients can make the server hold, and for how long.
public struct Limits: Sendable, Equatable {
    /// Connections at once.
    public var connections = 2_000
    /// Connections at once from one IPv4 address or one IPv6 /64.
    public var connectionsPerAddress = 50
    /// Octets of a command line with its CRLF.
    public var commandLine = 4_096
    /// Octets of an AUTH command or a response in its exchange, with CRLF.
    public var authLine = 12_288
    /// Octets of a line of a message, with CRLF.
    public var textLine = 65_536
    /// Octets of a message's header.
    public var header = 262_144
    /// Fields of a message's header.
    public var headerFields = 1_000
    /// Octets of a message.
    public var message = 50 << 20
    /// Recipients of a message.
    public var recipients = 1_000
    /// MAIL commands of a session.
    public var transactions = 100_000
    /// Commands refused in one session until it is closed.
    public var errors = 20
    /// How long a client may say nothing.
    public var idle = Duration.seconds(300)
    /// How long a TLS handshake may take.
    public var handshake = Duration.seconds(15)
    /// Octets a second of a message that has come for 30 seconds; 0 for none.
    public var dataRate = 500
    /// How long a message may take to come.
    public var messageTime = Duration.seconds(7_200)
    /// Percent of `connections` from which clients have little time.
    public var stress = 80
    /// Octets of message bodies in memory at once, in the whole process.
    public var inFlight = 256 << 20
    /// What must be free of the state folder's file system for mail to be taken.
    public var diskReserve = DiskReserve.automatic
    /// Passwords checked at once, each on a thread of its own.
    public var passwordWorkers = 2
    /// Passwords that wait to be checked; one more is answered 454.
    public var passwordWaiting = 64
    /// Wrong passwords that are checked a minute, from one IPv4 address or one IPv6 /64, and for one account.
    public var passwordFailures = 20
    /// Received fields of a message; one more is a loop.
    public var receivedLimit = 100
    /// Deliveries at once, to all destinations.
    public var deliveryConnections = 100
    /// Deliveries at once to one next hop over the network.
    public var destinationConnections = 20

    /// Where each key that was given stands.
    var places: [String: SourceLocation] = [:]

    public init() {}

    /// Where a limit was written, by its key; nil where its default holds.
    public func place(of key: String) -> SourceLocation? { places[key] }
}

extension Limits {
    static let settings: [Setting<Limits>] = [
        .limit(
            "connections", \.connections, .number(1...1_000_000),
            "Connections at once. Fewer where the system grants too few open files: the log warns of that at the start."
        ),
        .limit(
            "connections-per-address", \.connectionsPerAddress, .number(1...1_000_000),
            "Connections at once from one IPv4 address or one IPv6 /64."),
        // RFC 5321 §4.5.3.1.4: at least 512; SIZE, AUTH, 8BITMIME and DSN add 26, 500, 17 and 116 (RFC 1870, 4954 §3;
        // RFC 6152 §2; RFC 3461 §4.3, §4.4).
        .limit("command-line", \.commandLine, .size(1_171...(1 << 20)), "Octets of a command line."),
        // RFC 4954 §4: at least 12288.
        .limit("auth-line", \.authLine, .size(12_288...(1 << 20)), "Octets of a line of an AUTH exchange."),
        // RFC 5321 §4.5.3.1.6: at least 1000.
        .limit("text-line", \.textLine, .size(1_000...(16 << 20)), "Octets of a line of a message."),
        .limit("header", \.header, .size(4_096...(64 << 20)), "Octets of a message's header, below in-flight."),
        .limit("header-fields", \.headerFields, .number(20...1_000_000), "Fields of a message's header."),
        // RFC 5321 §4.5.3.1.7: at least 64 KiB.
        .limit("message", \.message, .size((64 << 10)...(16 << 30)), "Octets of a message; EHLO announces it."),
        // RFC 5321 §4.5.3.1.8: at least 100.
        .limit("recipients", \.recipients, .number(100...1_000_000), "Recipients of a message."),
        // RFC 9422 §4: what is announced has up to six digits.
        .limit(
            "transactions", \.transactions, .number(1...999_999), "MAIL commands in a session; EHLO announces it."),
        // RFC 4954 §9: at least three failed AUTHs, and some commands besides.
        .limit("errors", \.errors, .number(3...1_000_000), "Commands refused in a session until it is closed."),
        .limit("idle", \.idle, .duration(.seconds(1) ... .seconds(86_400)), "How long a client may say nothing."),
        .limit(
            "handshake", \.handshake, .duration(.seconds(1) ... .seconds(3_600)), "How long a TLS handshake may take."),
        .limit(
            "data-rate", \.dataRate, .number(0...1_000_000),
            "Octets a second below which a message that has come for 30 s is given up. 0: none."),
        .limit(
            "message-time", \.messageTime, .duration(.seconds(60) ... .seconds(86_400)),
            "How long a message may take to come."),
        .limit(
            "stress", \.stress, .number(1...100),
            "Percent of connections from which clients have 10 s and one error only, to make room for others."),
        .limit("in-flight", \.inFlight, .size((1 << 20)...(1 << 40)), "Octets of message bodies in memory at once."),
        .limit(
            "disk-reserve", \.diskReserve, .diskReserve,
            """
            Octets that must be free on the disk of the state folder, or MAIL is answered 452. automatic: room for two of the
            largest messages, or 5 % of the disk if that is more.
            """),
        .limit(
            "password-workers", \.passwordWorkers, .number(1...256),
            "Passwords checked at once, each on a thread of its own."),
        .limit(
            "password-waiting", \.passwordWaiting, .number(0...100_000),
            "Passwords that wait for it; one more is answered 454."),
        .limit(
            "password-failures", \.passwordFailures, .number(1...1_000_000),
            """
            Wrong passwords a minute from one IPv4 address or one IPv6 /64, and for one account, that are checked. The nearer
            they come to it, the longer their answers wait, up to 30 s.
            """),
        .limit(
            "received-limit", \.receivedLimit, .number(10...1_000), "Received fields; one more is a loop."),
        .limit(
            "delivery-connections", \.deliveryConnections, .number(1...10_000), "Deliveries at once, to all next hops."),
        .limit(
            "destination-connections", \.destinationConnections, .number(1...10_000),
            "Deliveries at once to one next hop over the network."),
    ]
}

extension Setting where Section == Limits {
    fileprivate static func limit<Value>(
        _ name: String,
        _ path: WritableKeyPath<Limits, Value> & Sendable,
        _ form: Form<Value>,
        _ documentation: String
    ) -> Setting {
        let example = Example.standard(form.write(Limits()[keyPath: path]))
        return Setting(name: name, documentation: documentation, isRequired: false, example: example) {
            node, reader, limits in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            limits[keyPath: path] = value.value
            limits.places[name] = value.location
        }
    }
}
