import NIOCore
import PosternClient
import Synchronization

/// How much is to be submitted by all connections together.
final class Quota: Sendable {
    private let left: Mutex<Int>
    private let end: ContinuousClock.Instant?

    init(messages: Int?, seconds: Int?) {
        left = Mutex(messages ?? .max)
        end = seconds.map { ContinuousClock.now + .seconds($0) }
    }

    /// Whether one more is to be submitted.
    func take() -> Bool {
        if let end, ContinuousClock.now >= end { return false }
        return left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}

/// A content, given once.
final class Pieces: Sendable {
    private let content: Mutex<ByteBuffer?>

    init(_ content: ByteBuffer) {
        self.content = Mutex(content)
    }

    func next() -> BodyPiece {
        content.withLock { content in
            defer { content = nil }
            return content.map(BodyPiece.octets) ?? .end
        }
    }
}
