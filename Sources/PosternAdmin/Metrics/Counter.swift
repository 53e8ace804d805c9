/// Counts by labels whose values are known beforehand: a place in a table for each of their combinations.
public final class Counter: MetricFamily {
    public let name: String
    public let help: String
    public let kind: MetricKind
    public let labels: [String]
    private let values: [[String]]
    /// Of each label's values; 1 where there is no such label.
    private let sizes: (first: Int, second: Int, third: Int)
    private let counts: [AtomicCount]

    /// - Parameters:
    ///   - kind: a gauge, where what is counted also ends.
    ///   - labels: three at most, each with all values that it can have.
    public init(
        _ name: String, _ help: String, kind: MetricKind = .counter, labels: [(name: String, values: [String])] = []
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels.map(\.name)
        values = labels.map(\.values)
        let sizes = values.map(\.count) + [1, 1, 1]
        self.sizes = (sizes[0], sizes[1], sizes[2])
        counts = (0..<values.reduce(1) { $0 * $1.count }).map { _ in AtomicCount() }
    }

    /// Makes nothing: a list of places would be an array for each call.
    /// - Parameters: places of the labels' values, in the order of the labels; one that is out of bounds is not counted.
    public func add(_ number: Int = 1, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) {
        guard (0..<sizes.first).contains(first), (0..<sizes.second).contains(second),
            (0..<sizes.third).contains(third)
        else { return }
        counts[(first * sizes.second + second) * sizes.third + third].add(number)
    }

    /// The sum over all labels.
    public var total: Int { counts.reduce(0) { $0 + $1.value } }

    public func samples() -> [MetricSample] {
        counts.enumerated().compactMap { index, count in
            let value = count.value
            // Large tables are mostly empty, and nobody needs their zeros.
            if value == 0, counts.count > 16 { return nil }
            return MetricSample(labels: self.labels(at: index), value: Double(value))
        }
    }

    private func labels(at index: Int) -> [(name: String, value: String)] {
        var rest = index
        var found: [(name: String, value: String)] = []
        for (label, values) in zip(labels, values).reversed() {
            found.insert((label, values[rest % values.count]), at: 0)
            rest /= values.count
        }
        return found
    }
}
