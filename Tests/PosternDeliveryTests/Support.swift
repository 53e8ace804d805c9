import Dispatch
import Glibc
import NIOCore
import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

/// A folder that is gone after the test.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/postern-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    static func remove(_ path: String) {
        chmod(path, 0o700)
        for name in (try? FileSystem.names(in: path)) ?? [] { remove("\(path)/\(name)") }
        if unlink(path) != 0 { rmdir(path) }
    }
}

extension Timestamp {
    /// Some moment from which tests count in seconds.
    static func after(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_800_000_000 + seconds) }
}

extension QueueID {
    static func sample(_ number: Int) -> QueueID {
        QueueID(time: .after(Int64(number)), random: UInt64(number))
    }
}

extension Claim {
    /// A claim on message `number`, received as many seconds after the moment from which tests count.
    static func sample(
        _ number: Int, to recipients: [String] = ["bob@example.net"], from: String? = "alice@example.org",
        attempt: Int = 1, length: Int = 0,
        notify: Notify? = nil
    ) -> Claim {
        let message = QueuedMessage(
            id: .sample(number), reversePath: from.flatMap { Mailbox($0) }.map(ReversePath.mailbox) ?? .null,
            bodyType: .sevenBit, length: length, received: .after(Int64(number)), account: "alice",
            authentication: "AUTH EXTERNAL")
        let claimed = recipients.compactMap { Mailbox($0) }.enumerated().map { position, mailbox in
            ClaimedRecipient(Recipient(mailbox, notify: notify), position: position, attempt: attempt)
        }
        return Claim(
            message: message, recipients: claimed, token: ClaimToken(rawValue: Int64(number), bodyIsFiled: false))
    }
}

extension DeliveryBody {
    init(_ text: String) {
        self.init { () throws(QueueError) in .inline(ByteBuffer(string: text)) }
    }
}

extension FileSystem {
    /// What a file holds; nil if there is none.
    static func text(of path: String) -> String? {
        guard let descriptor = try? open(path, O_RDONLY) else { return nil }
        defer { _ = Glibc.close(descriptor) }
        var octets = ByteBuffer()
        while let piece = try? read(descriptor, limit: 1 << 16, path: path), piece.readableBytes > 0 {
            octets.writeImmutableBuffer(piece)
        }
        return String(buffer: octets)
    }
}

extension RetrySchedule {
    /// The usual one, without warnings of delays.
    static let quiet = RetrySchedule(
        retry: [60, 300, 900, 1_800].map { .seconds($0) }, lifetime: .seconds(5 * 86_400), warning: nil)
}
