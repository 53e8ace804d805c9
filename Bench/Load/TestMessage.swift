import NIOCore
import PosternClient
import PosternMail

/// The message that is submitted again and again.
struct TestMessage: Sendable {
    private let outgoing: OutgoingMessage
    private let content: ByteBuffer

    struct BadAddress: Error, CustomStringConvertible {
        let text: String
        var description: String { "\(text) is not an address; expected local-part@domain" }
    }

    /// - Parameter size: octets of its text, in lines of 78 characters.
    init(from: String, to: String, size: Int) throws {
        guard let sender = Mailbox(from) else { throw BadAddress(text: from) }
        guard let recipient = Mailbox(to) else { throw BadAddress(text: to) }
        var content = ByteBuffer(
            string: "From: <\(from)>\r\nTo: <\(to)>\r\nSubject: load\r\nMIME-Version: 1.0\r\n\r\n")
        let line = String(repeating: "x", count: 78) + "\r\n"
        for _ in 0..<(size / line.utf8.count) { content.writeString(line) }
        content.writeString(String(line.suffix(max(2, size % line.utf8.count))))
        guard let envelope = Envelope(reversePath: .mailbox(sender), recipients: [recipient]) else {
            throw BadAddress(text: to)
        }
        outgoing = OutgoingMessage(envelope, length: content.readableBytes)
        self.content = content
    }

    /// One message after the other.
    func submit(to client: NextHopClient, while quota: Quota) async -> Tally {
        var tally = Tally()
        while quota.take() {
            let began = ContinuousClock.now
            let results = await client.deliver(outgoing, body: reading())
            tally.add(results.first, after: ContinuousClock.now - began)
        }
        return tally
    }

    private func reading() -> @Sendable () async -> BodyPiece {
        let pieces = Pieces(content)
        return { pieces.next() }
    }
}
