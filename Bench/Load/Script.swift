import NIOCore

/// What is said on every connection: octets made once, and sent again and again.
struct Script: Sendable {
    let hello = ByteBuffer(string: "EHLO load.example.org\r\n")
    let startTLS = ByteBuffer(string: "STARTTLS\r\n")
    /// The certificate says who it is.
    let authentication = ByteBuffer(string: "AUTH EXTERNAL =\r\n")
    let mail: ByteBuffer
    let recipient: ByteBuffer
    let data = ByteBuffer(string: "DATA\r\n")
    let quit = ByteBuffer(string: "QUIT\r\n")

    private let content: ByteBuffer
    /// Where a message's number stands in its content.
    private let place: Int

    init(from: String, to: String, size: Int) {
        mail = ByteBuffer(string: "MAIL FROM:<\(from)> SIZE=\(size)\r\n")
        recipient = ByteBuffer(string: "RCPT TO:<\(to)>\r\n")
        var content = ByteBuffer(string: "From: <\(from)>\r\nTo: <\(to)>\r\nSubject: load\r\nMessage-ID: <")
        place = content.writerIndex
        content.writeString("\(Self.digits(0))@load.example.org>\r\nMIME-Version: 1.0\r\n\r\n")
        // Text that no server can make smaller, and the same in each run.
        var state: UInt64 = 88_172_645_463_325_252
        while content.readableBytes < size - 2 {
            let rest = size - 2 - content.readableBytes
            content.writeBytes((0..<min(76, rest)).map { _ in Self.letter(&state) })
            if rest > 78 { content.writeString("\r\n") }
        }
        content.writeString("\r\n.\r\n")
        self.content = content
    }

    /// A whole content with the end of data, in one buffer, so that it goes out in as few records of TLS as can be.
    func content(_ number: Int) -> ByteBuffer {
        var content = content
        content.setString(Self.digits(number), at: place)
        return content
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 12 - text.utf8.count) + text
    }

    private static func letter(_ state: inout UInt64) -> UInt8 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(ascii: "a") + UInt8(state % 26)
    }
}
