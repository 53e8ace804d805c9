import Metrics

/// What a client counts, over all the process.
struct SubmissionMetrics: Sendable {
    private let accepted = Counter(label: "smtp_submissions_total", dimensions: [("result", "accepted")])
    private let refused = Counter(label: "smtp_submissions_total", dimensions: [("result", "refused")])
    private let later = Counter(label: "smtp_submissions_total", dimensions: [("result", "later")])
    private let unsafe = Counter(label: "smtp_submissions_total", dimensions: [("result", "uncertain")])
    private let duration = Timer(label: "smtp_submission_seconds")
    private let connections = Gauge(label: "smtp_submission_connections")
    private let waiting = Gauge(label: "smtp_submission_waiting")

    func note(_ load: (inside: Int, waiting: Int)) {
        connections.record(load.inside)
        waiting.record(load.waiting)
    }

    func note(_ error: SubmissionError?, after time: Duration) {
        switch error?.retry {
        case nil: accepted.increment()
        case .no: refused.increment()
        case .later: later.increment()
        case .unsafe: unsafe.increment()
        }
        let (seconds, attoseconds) = time.components
        duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
