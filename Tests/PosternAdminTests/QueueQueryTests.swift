import NIOCore
import PosternMail
import PosternQueue
import Testing

@testable import PosternAdmin

@Suite("Which recipients a request means")
struct QueueQueryTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let id = "01JD3K5Q7W9Z1B4C6D8F"

    private func filter(_ json: String) throws -> QueueFilter {
        try QueueQuery(body: ByteBuffer(string: json), allowing: QueueQuery.conditions).changeFilter(at: Self.now)
    }

    @Test("every condition becomes what the queue understands")
    func conditions() throws {
        let found = try filter(
            """
            {"ids": ["\(Self.id.lowercased())"], "sender": "<>", "recipient": "bob@example.net", "destination": "[192.0.2.1]",
             "older-than": "1h30m", "younger-than": "7d", "reason": "x", "in-state": "under-way"}
            """)
        var expected = QueueFilter(ids: [try #require(QueueID(Self.id))])
        expected.sender = .null
        expected.recipient = Mailbox("bob@example.net")
        expected.destination = Mailbox("x@[192.0.2.1]")?.host
        expected.receivedBefore = Timestamp(seconds: 1_800_000_000 - 5_400)
        expected.receivedAfter = Timestamp(seconds: 1_800_000_000 - 7 * 86_400)
        expected.reason = "x"
        expected.state = .underWay
        #expect(found == expected)
    }

    @Test("the whole queue is meant only where that is said, and alone")
    func everything() throws {
        #expect(try filter(#"{"all": true}"#) == QueueFilter())
        #expect(throws: QueryError.self) { try filter("{}") }
        #expect(throws: QueryError.self) { try filter(#"{"all": false}"#) }
        #expect(throws: QueryError.self) { try filter(#"{"ids": []}"#) }
    }

    @Test(
        "what is not understood is refused, and never passed over",
        arguments: [
            #"{"ids": ["x"]}"#, #"{"ids": "x"}"#, #"{"recipient": "bob"}"#, #"{"destination": "a b"}"#,
            #"{"sender": ""}"#, #"{"older-than": "1"}"#, #"{"older-than": "99999999999d"}"#, #"{"in-state": "lost"}"#,
            #"{"reason": ""}"#, #"{"reason": "\u0000x"}"#, #"{"recipients": "bob@example.net"}"#, #"{"limit": "1"}"#,
            #"{"note": "x", "all": true}"#, "[]", "", "{",
        ])
    func refused(json: String) {
        #expect(throws: QueryError.self) { try filter(json) }
    }

    @Test(
        "a place in the queue behind which there can be nothing is none", arguments: ["1", "1.", ".1", "-1.0", "0.-1"])
    func noPlaces(text: String) {
        #expect(QueueCursor(text) == nil)
        #expect(QueueCursor("\(Int64.max).0") == nil)
        #expect(QueueCursor("\(Int64.max - 1).\(Int64.max)") != nil)
    }

    @Test(
        "ages as people write them",
        arguments: [("30s", 30), ("5m", 300), ("1h30m", 5_400), ("7d", 604_800), ("1d2h3m4s", 93_784), ("0s", 0)])
    func ages(text: String, seconds: Int) {
        #expect(AgeText.duration(text) == .seconds(seconds))
    }

    @Test("no ages", arguments: ["", "5", "m", "5x", "-5m", "5m3", "١m", "36526d"])
    func noAges(text: String) {
        #expect(AgeText.duration(text) == nil)
    }

    @Test("a span is told by its two largest units")
    func words() {
        #expect(AgeText.words(.seconds(0)) == "0s")
        #expect(AgeText.words(.seconds(59)) == "59s")
        #expect(AgeText.words(.seconds(93_784)) == "1d 2h")
        #expect(AgeText.words(.seconds(-5)) == "0s")
    }
}
