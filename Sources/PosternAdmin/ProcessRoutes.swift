import Hummingbird
import PosternMail
import PosternQueue

/// `/status`, `/reload`, `/drain`.
struct ProcessRoutes {
    private let operations: AdminOperations

    init(_ operations: AdminOperations) {
        self.operations = operations
    }

    func add(to router: Router<AdminContext>) {
        router.get("status") { request, _ in try await status().response(to: request) }
        router.post("reload") { request, context in try await reload(context).response(to: request) }
        router.post("drain") { request, context in try await drain(context).response(to: request) }
    }

    private func status() async throws -> Answer {
        let status = await operations.status()
        let counts = try operations.queue.counts()
        let oldest = try operations.queue.oldest()
        return Answer(status, counts, oldest: oldest, checks: operations.health.ready(), at: operations.now())
    }

    private func reload(_ context: AdminContext) async throws -> Answer {
        guard let reload = operations.reload else {
            return .refusal(.conflict, "this process made its configuration itself; there is nothing to be read")
        }
        let user = try await PeerCredentials.user(of: context.channel).get()
        let answer = await reload()
        let result: String
        switch answer {
        case .inForce(let generation, _): result = "generation \(generation)"
        case .refused(let problems): result = "refused: \(problems.count) problems"
        }
        operations.audit(AdminRecord(command: "reload", arguments: [], user: user, result: result))
        return Answer(answer)
    }

    private func drain(_ context: AdminContext) async throws -> Answer {
        let user = try await PeerCredentials.user(of: context.channel).get()
        operations.audit(AdminRecord(command: "drain", arguments: [], user: user, result: "begun"))
        operations.drain()
        let sentence =
            "draining: nothing new is taken, and what runs may finish, a minute at most; then the process ends"
        return Answer(status: .accepted, text: [sentence]) { json in
            json.open()
            json.key("draining")
            json.boolean(true)
            json.close()
        }
    }
}

extension Answer {
    init(_ answer: ReloadAnswer) {
        switch answer {
        case .inForce(let generation, let warnings):
            let lines = warnings.map { SafeText.escape($0, limit: 4_096) }
            self.init(text: ["reloaded: all of it is in force, as generation \(generation)"] + lines) { json in
                json.open()
                json.key("reloaded")
                json.boolean(true)
                json.key("generation")
                json.number(generation)
                json.list("warnings", warnings)
                json.close()
            }
        case .refused(let problems):
            let lines = problems.map { SafeText.escape($0, limit: 4_096) }
            self.init(
                status: .unprocessableContent, text: ["not reloaded: the old configuration stays, all of it"] + lines
            ) { json in
                json.open()
                json.key("reloaded")
                json.boolean(false)
                json.list("problems", problems)
                json.close()
            }
        }
    }

    init(
        _ status: AdminStatus, _ counts: QueueCounts, oldest: Timestamp?, checks: [Health.Check], at now: Timestamp
    ) {
        let isReady = checks.allSatisfy(\.isPassing)
        let recipients = [
            ("waiting", counts.waiting), ("under way", counts.claimed), ("held", counts.held),
            ("failed", counts.failed),
            ("damaged", counts.damaged),
        ]
        let shown = recipients.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        var lines = [
            "postern on \(status.hostname), process \(status.process), since \(CalendarDate(status.started))",
            "state        \(status.isDraining ? "draining" : isReady ? "ready" : "not ready")",
        ]
        lines += checks.filter { !$0.isPassing }.map { "             \($0.name): \(SafeText.escape($0.detail))" }
        lines += [
            "generation   \(status.generation)", "connections  \(status.connections)",
            "listeners    \(SafeText.escape(status.listeners.joined(separator: ", ")))",
            "queue        \(Count.of(counts.messages, "message"))\(shown.isEmpty ? "" : "; recipients: \(shown)")",
        ]
        if let oldest { lines.append("oldest       \(AgeText.words(now - oldest)), since \(CalendarDate(oldest))") }
        lines += status.expiries.map { expiry in
            let rest = expiry.moment - now
            let when =
                rest > .zero ? "ends in \(AgeText.words(rest))" : "ended \(AgeText.words(now - expiry.moment)) ago"
            return "certificate  \(SafeText.escape(expiry.subject)): \(when), \(CalendarDate(expiry.moment))"
        }
        self.init(text: lines) { json in
            json.open()
            json.field("hostname", status.hostname)
            json.field("pid", Int(status.process))
            json.field("started", "\(CalendarDate(status.started))")
            json.field("generation", status.generation)
            json.key("ready")
            json.boolean(isReady)
            json.key("draining")
            json.boolean(status.isDraining)
            json.field("connections", status.connections)
            json.list("listeners", status.listeners)
            json.key("queue")
            json.open()
            json.field("messages", counts.messages)
            for (state, count) in recipients { json.field(state.replacing(" ", with: "-"), count) }
            if let oldest { json.field("oldest", "\(CalendarDate(oldest))") }
            json.close()
            json.key("expiries")
            json.openList()
            for expiry in status.expiries {
                json.separate()
                json.open()
                json.field("subject", expiry.subject)
                json.field("ends", "\(CalendarDate(expiry.moment))")
                json.close()
            }
            json.closeList()
            json.close()
        }
    }
}

extension JSONText {
    mutating func field(_ key: String, _ value: String, limit: Int = 1_024) {
        self.key(key)
        string(value, limit: limit)
    }

    mutating func field(_ key: String, _ value: Int) {
        self.key(key)
        number(value)
    }

    mutating func list(_ key: String, _ values: [String]) {
        self.key(key)
        openList()
        for value in values {
            separate()
            string(value, limit: 4_096)
        }
        closeList()
    }
}
