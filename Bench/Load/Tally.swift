/// What became of the messages of all connections.
struct Tally: Sendable {
    private(set) var accepted = 0
    private(set) var refused = 0
    /// Of the accepted.
    private var times: [Duration] = []
    /// The first refusal, for who wonders why.
    private var complaint: String?

    mutating func accept(after time: Duration) {
        accepted += 1
        times.append(time)
    }

    mutating func refuse(_ complaint: String) {
        refused += 1
        self.complaint = self.complaint ?? complaint
    }

    /// One line of JSON; times in milliseconds.
    func summary(over duration: Duration) -> String {
        let sorted = times.sorted()
        func percentile(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1)
        }
        let seconds = duration / .seconds(1)
        let fields = [
            "\"accepted\": \(accepted)", "\"refused\": \(refused)", "\"seconds\": \(seconds)",
            "\"per_second\": \(Double(accepted) / seconds)", "\"p50_ms\": \(percentile(0.5))",
            "\"p99_ms\": \(percentile(0.99))", "\"complaint\": \"\(Self.plain(complaint ?? ""))\"",
        ]
        return "{\(fields.joined(separator: ", "))}"
    }

    private static func plain(_ text: String) -> String {
        text.filter { $0.isASCII && $0 != "\"" && $0 != "\\" && !$0.isNewline }
    }
}
