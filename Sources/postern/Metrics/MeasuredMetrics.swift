import Glibc
import PosternAdmin
import PosternMail
import PosternQueue
import Synchronization

/// What is looked up when somebody reads the metrics.
struct MeasuredMetrics {
    let store: any QueueStore
    let canary: Canary
    let log: ProcessLog
    let audit: AuditLog
    /// The path of the state folder.
    let state: String
    let started: Timestamp
    /// What is in force, and as which generation.
    let inForce: @Sendable () -> (assembled: Assembled, generation: Int)
    let now: @Sendable () -> Timestamp

    var families: [any MetricFamily] {
        queueFamilies + [
            Measured("postern_commit_age_seconds", "Since the last commit that reached the disk.") { [canary] in
                canary.age.seconds
            },
            Measured("postern_disk_free_bytes", "Octets that may still be written in the state folder.") { [state] in
                (try? DiskSpace(of: state)).map { Double($0.free) }
            },
            Measured(
                "postern_cert_expiry_seconds", "Until the certificate ends that ends first.", labels: ["role"]
            ) { [inForce, now] in expiries(of: inForce().assembled, at: now()) },
            Measured(
                "postern_crl_next_update_seconds", "Until the next list is due, by the authority's place in the file.",
                labels: ["authority"]
            ) { [inForce, now] in lists(of: inForce().assembled, at: now()) },
            Measured("postern_config_generation", "How often a configuration was put in force, the start included.") {
                [inForce] in Double(inForce().generation)
            },
            Measured("postern_log_dropped_total", "Lines of the log that were lost.", kind: .counter) { [log] in
                Double(log.dropped)
            },
            Measured("postern_audit_dropped_total", "Lines of the audit log that were lost.", kind: .counter) {
                [audit] in Double(audit.dropped)
            },
            Measured("process_start_time_seconds", "When the process began, since 1970.") { [started] in
                Double(started.seconds)
            },
            Measured("process_resident_memory_bytes", "Memory that the process holds.") { ProcessMemory.resident },
        ]
    }

    private var queueFamilies: [any MetricFamily] {
        let queue = QueueLook(store: store, now: now)
        return [
            Measured("postern_queue_messages", "Messages in the queue.") {
                queue.look().map { Double($0.counts.messages) }
            },
            Measured("postern_queue_recipients", "Recipients in the queue, by what they wait for.", labels: ["state"]) {
                guard let counts = queue.look()?.counts else { return [] }
                return RecipientState.allCases.map { ([$0.rawValue], Double(counts.count(of: $0))) }
            },
            Measured("postern_queue_bytes", "Octets of the messages in the queue.") { [store] in
                store.octets.map { Double($0) }
            },
            Measured("postern_queue_oldest_seconds", "How long the first of the queue's messages is in it.") {
                queue.look().map { $0.oldestAge }
            },
        ]
    }
}

private func expiries(of assembled: Assembled, at now: Timestamp) -> [(labels: [String], value: Double)] {
    let authorities = assembled.snapshot.trust.authorities.flatMap(\.certificates).map(\.notAfter).min()
    let server = ("server", assembled.serverCertificate.facts.notAfter)
    return ([server] + (authorities.map { [("authority", $0)] } ?? [])).map { ([$0.0], ($0.1 - now).seconds) }
}

private func lists(of assembled: Assembled, at now: Timestamp) -> [(labels: [String], value: Double)] {
    assembled.snapshot.trust.authorities.enumerated().compactMap { index, authority in
        authority.lists.map(\.nextUpdate).min().map { (["\(index + 1)"], ($0 - now).seconds) }
    }
}

/// The queue's counts, looked up once for all families, and not more than every few seconds: counting a large queue
/// takes time that its writer would have.
private final class QueueLook: Sendable {
    struct Look: Sendable {
        let counts: QueueCounts
        let oldestAge: Double
    }

    private static let interval = Duration.seconds(2)
    private let store: any QueueStore
    private let now: @Sendable () -> Timestamp
    private let last = Mutex<(at: ContinuousClock.Instant, look: Look?)?>(nil)

    init(store: any QueueStore, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// Nil where the queue cannot be read.
    func look() -> Look? {
        last.withLock { last in
            let moment = ContinuousClock.now
            if let last, moment - last.at < Self.interval { return last.look }
            let look = try? Look(
                counts: store.counts(), oldestAge: store.oldest().map { max(0, (now() - $0).seconds) } ?? 0)
            last = (moment, look)
            return look
        }
    }
}

extension QueueCounts {
    fileprivate func count(of state: RecipientState) -> Int {
        switch state {
        case .waiting: waiting
        case .underWay: claimed
        case .failed: failed
        case .damaged: damaged
        case .held: held
        }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(wholeNanoseconds) / 1e9 }
}

enum ProcessMemory {
    /// Octets, from /proc/self/statm; nil where there is none.
    static var resident: Double? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return nil }
        let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
            separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return nil }
        return Double(pages * Int(sysconf(Int32(_SC_PAGESIZE))))
    }
}
