import Yams

/// Where programs of this machine read metrics and health by HTTP, in clear and without a login.
public struct MetricsListener: Sendable, Equatable {
    /// Of this machine alone: in 127.0.0.0/8, or ::1.
    public var address: Located<String>
    /// 0 lets the system pick one.
    public var port: Located<Int>
}

extension MetricsListener {
    struct Draft: Sendable {
        var address: Located<String>?
        var port: Located<Int>?
    }

    static let settings: [Setting<Draft>] = [
        .located(
            "address", \.address, .loopback, .standard("127.0.0.1"), "127.0.0.1, or ::1: there is no login."),
        .located(
            "port", \.port, .number(0...65_535), isRequired: true, .given("9587"),
            "0: the system picks one, and the log says which."),
    ]
}

extension Form where Value == String {
    /// An address that only this machine reaches.
    fileprivate static var loopback: Form {
        Form(expected: "an address of this machine alone, 127.0.0.1 or ::1") { text, _ throws(Refusal) in
            switch ListenAddress(text) {
            case .ipv4(let octets) where octets[0] == 127: return text
            case .ipv6(let octets) where octets.dropLast().allSatisfy({ $0 == 0 }) && octets.last == 1: return text
            default: throw Refusal()
            }
        } write: {
            $0
        }
    }
}

extension Reader {
    func metrics(of node: Node) -> MetricsListener? {
        guard !isNothing(node) else { return nil }
        var draft = MetricsListener.Draft()
        read(node, as: MetricsListener.settings, named: "metrics", at: location(of: node), into: &draft)
        guard let port = draft.port else { return nil }
        return MetricsListener(address: draft.address ?? Located("127.0.0.1", at: port.location), port: port)
    }
}
