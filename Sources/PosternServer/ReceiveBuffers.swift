import NIOCore

/// The buffers that a connection reads into: one for each reading, as large as what comes, and none kept between them.
///
/// NIO keeps the first buffer of a channel as long as the channel lives, if the allocator is one of its own: four KiB for
/// each client that idles. Here that first one is small, and the others are let go when they have been read.
struct ReceiveBuffers: RecvByteBufferAllocator {
    /// Octets. EHLO and STARTTLS find room; what does not comes with the next reading.
    private static let first = 512
    private var sizes = AdaptiveRecvByteBufferAllocator(minimum: 4_096, initial: 4_096, maximum: 65_536)
    private var hasRead = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasRead ? sizes.buffer(allocator: allocator) : allocator.buffer(capacity: Self.first)
    }

    mutating func record(actualReadBytes: Int) -> Bool {
        hasRead = true
        _ = sizes.record(actualReadBytes: actualReadBytes)
        // That the next one may be larger makes NIO ask for another each time.
        return true
    }
}
