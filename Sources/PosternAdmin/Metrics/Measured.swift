/// What is looked up whenever somebody reads the metrics.
public struct Measured: MetricFamily {
    public let name: String
    public let help: String
    public let kind: MetricKind
    public let labels: [String]
    private let read: @Sendable () async -> [(labels: [String], value: Double)]

    public init(
        _ name: String, _ help: String, kind: MetricKind = .gauge, labels: [String],
        _ read: @escaping @Sendable () async -> [(labels: [String], value: Double)]
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.read = read
    }

    /// Of one value; nil where there is none now.
    public init(
        _ name: String, _ help: String, kind: MetricKind = .gauge, _ read: @escaping @Sendable () async -> Double?
    ) {
        self.init(name, help, kind: kind, labels: []) { await read().map { [([], $0)] } ?? [] }
    }

    public func samples() async -> [MetricSample] {
        await read().map { MetricSample(labels: Array(zip(labels, $0.labels)), value: $0.value) }
    }
}
