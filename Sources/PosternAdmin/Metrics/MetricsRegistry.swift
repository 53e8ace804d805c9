import Synchronization

/// The metrics of the process, and how Prometheus reads them. Counting is an atomic addition: no lock, no allocation.
///
/// A registry of our own: the two libraries that there are hand out their counters by name and labels from a dictionary
/// under a lock, and labels that a client could fill would grow it without end. Here every label's values are known
/// beforehand.
public final class MetricsRegistry: Sendable {
    public let families: [any MetricFamily]

    public init(_ families: [any MetricFamily]) {
        self.families = families
    }

    /// All of them in the text format of Prometheus, version 0.0.4.
    func exposition() async -> String {
        var text = ""
        for family in families {
            let samples = await family.samples()
            guard !samples.isEmpty else { continue }
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in samples { text += sample.line(in: family) }
        }
        return text
    }
}

/// One name with all its labels' values.
public protocol MetricFamily: Sendable {
    var name: String { get }
    var help: String { get }
    var kind: MetricKind { get }
    var labels: [String] { get }
    func samples() async -> [MetricSample]
}

public enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

public struct MetricSample: Hashable, Sendable {
    /// What stands behind the family's name: `_bucket`, `_sum`, nothing.
    let suffix: String
    let labels: [(name: String, value: String)]
    let value: Double

    init(suffix: String = "", labels: [(name: String, value: String)], value: Double) {
        self.suffix = suffix
        self.labels = labels
        self.value = value
    }

    public static func == (left: MetricSample, right: MetricSample) -> Bool {
        left.suffix == right.suffix && left.value == right.value && left.labelText == right.labelText
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(suffix)
        hasher.combine(labelText)
        hasher.combine(value)
    }

    private var labelText: String {
        labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",")
    }

    func line(in family: any MetricFamily) -> String {
        let braces = labels.isEmpty ? "" : "{\(labelText)}"
        return "\(family.name)\(suffix)\(braces) \(Self.number(value))\n"
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

/// An atomic count that can stand in an array.
final class AtomicCount: Sendable {
    private let count = Atomic(0)

    func add(_ number: Int) { count.add(number, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}
