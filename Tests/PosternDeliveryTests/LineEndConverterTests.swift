import NIOCore
import Testing

@testable import PosternDelivery

@Suite("Line ends")
struct LineEndConverterTests {
    private func convert(_ pieces: [String]) -> String {
        var converter = LineEndConverter()
        var text = pieces.map { String(buffer: converter.convert(ByteBuffer(string: $0))) }.joined()
        text += String(buffer: converter.finish())
        return text
    }

    @Test("CRLF becomes LF, every other octet stays, wherever the pieces are cut")
    func everySplit() {
        let text = "a\r\nb\r\n\r\n\rc\r\r\nd\ne\r"
        let expected = "a\nb\n\n\rc\r\nd\ne\r"
        let octets = Array(text.utf8)
        for first in 0...octets.count {
            for second in first...octets.count {
                let pieces = [octets[..<first], octets[first..<second], octets[second...]]
                #expect(convert(pieces.map { String(decoding: $0, as: UTF8.self) }) == expected)
            }
        }
    }
}
