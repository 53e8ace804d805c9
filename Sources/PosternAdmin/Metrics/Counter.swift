/// Counts by labels whose values are known beforehand: a place in a table for each of their combinations.
public final class Counter: MetricFamily {
    public let name: String
    public let help: String
    public let kind: MetricKind
    public let labels: [String]
    private let values: [[String]]
    private let counts: [AtomicCount]

    /// - Parameters:
    ///   - kind: a gauge, where what is counted also ends.
    ///   - labels: each with all values that it can have.
    public init(
        _ name: String, _ help: String, kind: MetricKind = .counter, labels: [(name: String, values: [String])] = []
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels.map(\.name)
        values = labels.map(\.values)
        counts = (0..<values.reduce(1) { $0 * $1.count }).map { _ in AtomicCount() }
    }

    /// - Parameter places: of the labels' values, in the order of the labels; one that is out of bounds is not counted.
    public func add(_ number: Int = 1, _ places: Int...) {
        var index = 0
        for (place, values) in zip(places, values) {
            guard values.indices.contains(place) else { return }
            index = index * values.count + place
        }
        counts[index].add(number)
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
