import NIOCore
import PosternMail
import PosternQueue

/// `fill-queue STATE COUNT`: puts so many messages into the queue of a state folder through its store, a thousand to a
/// commit, so that one can measure what a full queue costs. No server may run there.
@main
struct FillQueue {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]), let hostname = Domain("example.net") else {
            print("usage: \(arguments[0]) STATE COUNT")
            return
        }
        let store = try SQLiteStore(in: try StateDirectory(path: arguments[1]))
        let line = String(repeating: "x", count: 70) + "\r\n"
        let body = ByteBuffer(string: "Subject: x\r\n\r\n" + String(repeating: line, count: 14))
        var start = 0
        while start < count {
            let numbers = start..<min(start + 1_000, count)
            try store.transaction { transaction in
                for number in numbers {
                    guard let message = message(number, hostname, body) else { continue }
                    _ = try transaction.enqueue(message, claiming: false)
                }
            }
            try store.maintain()
            start = numbers.upperBound
        }
        print("\(try store.counts().messages) messages are in \(arguments[1])")
    }

    private static func message(_ number: Int, _ hostname: Domain, _ body: ByteBuffer) -> NewMessage? {
        let received = Timestamp.now
        guard let sender = Mailbox("alice@example.org"), let recipient = Mailbox("r\(number)@\(hostname.text)"),
            let envelope = Envelope(reversePath: .mailbox(sender), recipients: [recipient])
        else { return nil }
        return NewMessage(
            id: QueueID(time: received, random: .random(in: .min ... .max)), envelope: envelope, body: .inline(body),
            received: received, account: "alice", authentication: "AUTH EXTERNAL")
    }
}
