/// How values are spread over buckets whose bounds are given.
public final class Histogram: MetricFamily {
    public let name: String
    public let help: String
    public let kind = MetricKind.histogram
    public let labels: [String] = []
    /// Upper bounds, in the unit in which values come.
    private let bounds: [Int]
    private let counts: [AtomicCount]
    private let sum = AtomicCount()
    /// What a value is divided by for the exposition.
    private let divisor: Double

    /// - Parameters:
    ///   - bounds: of the buckets, rising.
    ///   - divisor: a million where values are microseconds and the name says seconds.
    public init(_ name: String, _ help: String, bounds: [Int], divisor: Double = 1) {
        self.name = name
        self.help = help
        self.bounds = bounds
        self.divisor = divisor
        counts = (0...bounds.count).map { _ in AtomicCount() }
    }

    public func observe(_ value: Int) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count].add(1)
        sum.add(value)
    }

    public func samples() -> [MetricSample] {
        var total = 0
        var samples: [MetricSample] = []
        for (index, count) in counts.enumerated() {
            total += count.value
            let bound = index < bounds.count ? "\(Double(bounds[index]) / divisor)" : "+Inf"
            samples.append(MetricSample(suffix: "_bucket", labels: [("le", bound)], value: Double(total)))
        }
        return samples + [
            MetricSample(suffix: "_sum", labels: [], value: Double(sum.value) / divisor),
            MetricSample(suffix: "_count", labels: [], value: Double(total)),
        ]
    }

    /// For times that are microseconds: from half a millisecond to a minute.
    public static let times = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 60_000_000,
    ]
    /// For times from the acceptance to the delivery, in microseconds: to five days.
    public static let deliveryTimes =
        [10_000, 100_000, 1_000_000, 5_000_000, 30_000_000]
        + [60, 300, 900, 3_600, 14_400, 86_400, 432_000].map { $0 * 1_000_000 }
    /// For octets: from 1 KiB to 64 MiB.
    public static let sizes = (0...8).map { 1_024 << (2 * $0) }
}
