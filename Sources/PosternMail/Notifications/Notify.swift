/// Of what the sender wants to hear about a recipient (RFC 3461 §4.1, NOTIFY). Where nothing was said, failures are told,
/// and delays may be.
public enum Notify: Hashable, Sendable {
    case never
    case when(Occasions)

    /// One or more of the three.
    public struct Occasions: Hashable, Sendable {
        public let success: Bool
        public let failure: Bool
        public let delay: Bool

        /// Nil without any: that would be `never`, which is said with a word of its own.
        public init?(success: Bool = false, failure: Bool = false, delay: Bool = false) {
            guard success || failure || delay else { return nil }
            self.success = success
            self.failure = failure
            self.delay = delay
        }
    }

    /// Reads `NEVER`, or words of SUCCESS, FAILURE and DELAY in any order, in any case of letters. Nil for anything else,
    /// a word that stands twice among it.
    public init?(_ value: some Collection<UInt8>) {
        let words = value.split(separator: UInt8(ascii: ","), maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(decoding: $0.map(\.asciiLowercased), as: UTF8.self) }
        if words == ["never"] {
            self = .never
            return
        }
        let known = Set(words)
        guard known.count == words.count, known.isSubset(of: ["success", "failure", "delay"]),
            let occasions = Occasions(
                success: known.contains("success"), failure: known.contains("failure"), delay: known.contains("delay"))
        else { return nil }
        self = .when(occasions)
    }

    public var wantsSuccess: Bool { if case .when(let occasions) = self { occasions.success } else { false } }
    public var wantsFailure: Bool { if case .when(let occasions) = self { occasions.failure } else { false } }
    public var wantsDelay: Bool { if case .when(let occasions) = self { occasions.delay } else { false } }
}

extension Notify: CustomStringConvertible {
    /// The value of the parameter.
    public var description: String {
        switch self {
        case .never: "NEVER"
        case .when(let occasions):
            [("SUCCESS", occasions.success), ("FAILURE", occasions.failure), ("DELAY", occasions.delay)]
                .filter(\.1).map(\.0).joined(separator: ",")
        }
    }
}
