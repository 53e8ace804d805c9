import Hummingbird
import PosternMail

/// `/live`, `/ready`, `/metrics`: 200 or 503, and why.
struct HealthRoutes {
    private let health: Health
    private let metrics: MetricsRegistry

    init(_ health: Health, _ metrics: MetricsRegistry) {
        self.health = health
        self.metrics = metrics
    }

    func add(to router: Router<AdminContext>) {
        router.get("live") { request, _ in Answer(health.live()).response(to: request) }
        router.get("ready") { request, _ in Answer(health.ready()).response(to: request) }
        router.get("metrics") { _, _ in
            Response.text(await metrics.exposition(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}

extension Answer {
    init(_ checks: [Health.Check]) {
        let isPassing = checks.allSatisfy(\.isPassing)
        let lines = checks.map { "\($0.isPassing ? "ok     " : "failing") \($0.name): \(SafeText.escape($0.detail))" }
        self.init(status: isPassing ? .ok : .serviceUnavailable, text: lines) { json in
            json.open()
            json.key("passing")
            json.boolean(isPassing)
            json.key("checks")
            json.openList()
            for check in checks {
                json.separate()
                json.open()
                json.key("name")
                json.string(check.name)
                json.key("passing")
                json.boolean(check.isPassing)
                json.key("detail")
                json.string(check.detail)
                json.close()
            }
            json.closeList()
            json.close()
        }
    }
}
