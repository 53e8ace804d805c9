public import NIOCore
public import PosternSMTP

/// What a server has sent and nobody has read yet.
public struct ReplyStream: Sendable {
    private var input = ByteBuffer()
    private var reader = ReplyReader()

    public init() {}

    public mutating func append(_ octets: ByteBuffer) {
        input.writeImmutableBuffer(octets)
    }

    public mutating func next() -> ReplyReader.Result {
        let result = reader.next(from: &input)
        if result == .incomplete { input.discardReadBytes() }
        return result
    }

    public var isEmpty: Bool { input.readableBytes == 0 }

    /// Whether what stands there is an alert or a handshake of TLS (RFC 8446 §5.1).
    public var isTLS: Bool {
        input.getBytes(at: input.readerIndex, length: 2).map { $0 == [21, 3] || $0 == [22, 3] } ?? false
    }

    /// TLS begins, or the end is there: what was read before counts no more.
    public mutating func forget() {
        self = ReplyStream()
    }
}

extension ClientFailure {
    /// Nothing that came in clear is ever read as if it had come in TLS.
    public static let behindStartTLS = ClientFailure(
        code: "4.7.0", text: "something stood behind the 220 of STARTTLS in clear")
}
