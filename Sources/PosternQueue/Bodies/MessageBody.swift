public import NIOCore

/// The octets of a message that is to be enqueued: in memory if they are few, else in a file that is not synced yet.
public enum MessageBody: Sendable {
    /// Up to this many octets stand in the store's row; measured, larger ones are three times as fast in files.
    public static let inlineLimit = 128 * 1024

    case inline(ByteBuffer)
    case file(BodyFile)

    /// In octets.
    public var length: Int {
        switch self {
        case .inline(let octets): octets.readableBytes
        case .file(let file): file.length
        }
    }

    var isFiled: Bool {
        if case .file = self { true } else { false }
    }

    /// Removes what was written, for a message that is not enqueued after all.
    public func discard() {
        if case .file(let file) = self { file.discard() }
    }
}
