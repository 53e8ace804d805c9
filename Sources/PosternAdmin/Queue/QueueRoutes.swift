import HTTPTypes
import Hummingbird
import NIOCore
import PosternMail
import PosternQueue

/// `/queue`: what is in it, and what is done to it.
struct QueueRoutes {
    private let operations: AdminOperations

    /// Recipients of a message in a listing, and where one message is shown.
    private static let listedRecipients = 20
    private static let shownRecipients = 1_000

    init(_ operations: AdminOperations) {
        self.operations = operations
    }

    func add(to router: Router<AdminContext>) {
        router.get("queue") { request, context in try await list(request, context) }
        router.get("queue/:id") { request, context in try await show(request, context) }
        router.post("queue/retry") { try await change("retry", $0, $1) { _, _ in .retry } }
        router.post("queue/release") { try await change("release", $0, $1) { _, _ in .release } }
        router.post("queue/remove") { try await change("remove", $0, $1) { _, _ in .remove } }
        router.post("queue/hold") { request, context in
            try await change("hold", request, context) { query, user in
                .hold(reason: query[.note] ?? "held by user \(user)")
            }
        }
    }

    private func list(_ request: Request, _ context: AdminContext) async throws -> Response {
        let query = try QueueQuery(request, allowing: QueueQuery.conditions.union([.after, .limit]))
        let cursor = try query.cursor()
        let page = try operations.queue.list(
            try query.filter(at: operations.now()), after: cursor, limit: try query.limit(),
            recipientLimit: Self.listedRecipients)
        if cursor == nil {
            try await audit("queue list", query, context, "\(page.entries.count) messages on the first page")
        }
        var response =
            request.wantsJSON
            ? Response.json(QueueListing.json(page)) : .text(QueueListing.text(page, at: operations.now()))
        if let next = page.next { response.headers[.link] = "<\(query.path(after: next))>; rel=\"next\"" }
        return response
    }

    private func show(_ request: Request, _ context: AdminContext) async throws -> Response {
        let query = try QueueQuery(id: context.parameters.get("id") ?? "")
        let page = try operations.queue.list(
            try query.filter(at: operations.now()), after: nil, limit: 1, recipientLimit: Self.shownRecipients)
        try await audit("queue show", query, context, page.entries.isEmpty ? "unknown" : "shown")
        guard let entry = page.entries.first else {
            return Answer.refusal(.notFound, "there is no message \(query.arguments[0]) in the queue").response(
                to: request)
        }
        return request.wantsJSON
            ? .json(QueueListing.json(page)) : .text(QueueListing.details(of: entry, at: operations.now()))
    }

    private func change(
        _ name: String, _ request: Request, _ context: AdminContext,
        _ change: (QueueQuery, UInt32) -> QueueChange
    ) async throws -> Response {
        let body = try await body(of: request, limit: context.maxUploadSize)
        let query = try QueueQuery(body: body, allowing: QueueQuery.conditions.union(name == "hold" ? [.note] : []))
        let user = try await PeerCredentials.user(of: context.channel).get()
        let now = operations.now()
        let filter = try query.changeFilter(at: now)
        let change = change(query, user)
        do {
            let report = try await operations.writer.change(change, of: filter, at: now)
            let answer = Answer(report, of: change)
            try await audit("queue \(name)", query, context, answer.text.joined(separator: "; "))
            return answer.response(to: request)
        } catch let error as QueueError {
            try await audit("queue \(name)", query, context, "failed: \(error)")
            return Answer.refusal(.serviceUnavailable, "\(error)").response(to: request)
        }
    }

    private func body(of request: Request, limit: Int) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw QueryError(
                sentence: "the request is larger than \(limit >> 10) KiB: name fewer ids at once, or a condition")
        }
    }

    private func audit(
        _ command: String, _ query: QueueQuery, _ context: AdminContext, _ result: String
    ) async throws {
        let user = try await PeerCredentials.user(of: context.channel).get()
        operations.audit(AdminRecord(command: command, arguments: query.arguments, user: user, result: result))
    }
}

extension HTTPField.Name {
    /// RFC 8288.
    static let link = HTTPField.Name("Link") ?? .location
}

extension Answer {
    init(_ report: QueueChangeReport, of change: QueueChange) {
        let done =
            switch change {
            case .retry: "due now"
            case .hold: "held"
            case .release: "released, and due now"
            case .remove: "removed"
            }
        var lines = [
            "\(Count.of(report.recipients, "recipient")) of \(Count.of(report.messages, "message")) \(report.recipients == 1 ? "is" : "are") \(done)"
        ]
        if case .remove = change {
            lines.append(
                "\(Count.of(report.removedMessages, "message")) \(report.removedMessages == 1 ? "has" : "have") left the queue"
            )
        }
        if report.underWay > 0 {
            lines.append("\(Count.of(report.underWay, "recipient")) left as found: being delivered at this moment")
        }
        if report.unaffected > 0 {
            lines.append("\(Count.of(report.unaffected, "recipient")) left as found: not in a state for this")
        }
        lines += report.unknown.map { "there is no message \($0) in the queue" }
        self.init(status: report.unknown.isEmpty ? .ok : .notFound, text: lines) { json in
            json.open()
            json.field("messages", report.messages)
            json.field("recipients", report.recipients)
            json.field("under-way", report.underWay)
            json.field("unaffected", report.unaffected)
            json.field("removed", report.removedMessages)
            json.list("unknown", report.unknown.map(\.description))
            json.close()
        }
    }
}

/// `1 message`, `2 messages`.
enum Count {
    static func of(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
