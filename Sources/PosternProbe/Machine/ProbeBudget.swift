/// What a run may cost a server. A step takes place with a permit alone, a permit is for one connection, and only a budget
/// that has something left makes one.
public struct ProbeBudget: Sendable {
    /// For one connection. It cannot be copied, and whoever connects uses it up.
    public struct Permit: ~Copyable, Sendable {
        public let step: ProbeStep
        public let target: ProbeTarget
        /// On the clock with which it was asked for.
        public let notBefore: Duration

        fileprivate init(_ step: ProbeStep, _ target: ProbeTarget, notBefore: Duration) {
            self.step = step
            self.target = target
            self.notBefore = notBefore
        }
    }

    public enum Shortage: Error, Hashable, Sendable, CustomStringConvertible {
        case connections(limit: Int)
        case failedAuthentications

        public var description: String {
            switch self {
            case .connections(let limit): "not tried: no more connections to a port than \(limit)"
            case .failedAuthentications:
                "not tried: no more failed AUTH in a run than \(ProbeBudget.failureLimit)"
            }
        }
    }

    /// Connections to a port.
    public static let connectionLimit = 6
    /// The same with the conformance list.
    public static let extendedConnectionLimit = 12
    /// From the end of a connection to the start of the next, so that a server never sees two starts in one second.
    public static let interval = Duration.seconds(1)
    /// Exchanges of AUTH that fail, in a run.
    public static let failureLimit = 3

    private let limit: Int
    private var last: Duration?
    private var spent: [Int: Int] = [:]
    private var failures = 0

    public init(isExtended: Bool = false) {
        limit = isExtended ? Self.extendedConnectionLimit : Self.connectionLimit
    }

    /// Takes from it what the step may cost at worst.
    public mutating func permit(
        _ step: ProbeStep, on target: ProbeTarget, at now: Duration
    ) throws(Shortage) -> Permit {
        guard connections(to: target) < limit else { throw .connections(limit: limit) }
        guard failures + step.possibleFailures <= Self.failureLimit else { throw .failedAuthentications }
        failures += step.possibleFailures
        spent[target.port, default: 0] += 1
        let start = max(now, last.map { $0 + Self.interval } ?? now)
        last = start
        return Permit(step, target, notBefore: start)
    }

    /// Gives back what the step did not cost after all.
    /// - Parameter now: when its connection has ended.
    public mutating func settle(_ observation: Observation, at now: Duration) {
        last = max(now, last ?? now)
        if !observation.hasFailedAuthentication { failures -= observation.step.possibleFailures }
    }

    public func connections(to target: ProbeTarget) -> Int { spent[target.port] ?? 0 }
    public var failedAuthentications: Int { failures }
}
