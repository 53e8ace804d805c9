import NIOCore
import Testing

@testable import PosternProbe

@Suite("Probe: TLS")
struct ProbeTLSTests {
    /// A handshake message in as many records as it has octets, behind one of another kind.
    @Test("RFC 5246 §7.4.4: the authorities of a request, however it is cut")
    func authorities() {
        // O=Postern Test
        let name: [UInt8] =
            [0x30, 0x17, 0x31, 0x15, 0x30, 0x13, 0x06, 0x03, 0x55, 0x04, 0x0A, 0x0C, 0x0C] + Array("Postern Test".utf8)
        var list: [UInt8] = [0, UInt8(name.count)] + name
        list = [0, UInt8(list.count)] + list
        let body: [UInt8] = [1, 64, 0, 2, 4, 3] + list
        let messages: [UInt8] = [2, 0, 0, 1, 9] + [13, 0, 0, UInt8(body.count)] + body
        for size in [1, 7, 500] {
            var reader = CertificateRequestReader()
            var found: [String]?
            for start in stride(from: 0, to: messages.count, by: size) {
                let piece = messages[start..<min(messages.count, start + size)]
                let record: [UInt8] = [22, 3, 3, 0, UInt8(piece.count)] + piece
                found = reader.read(ByteBuffer(bytes: record)) ?? found
            }
            #expect(found == ["O=Postern Test"])
        }
        var over = CertificateRequestReader()
        #expect(over.read(ByteBuffer(bytes: [20, 3, 3, 0, 1, 1])) == nil)
        #expect(over.read(ByteBuffer(bytes: [22, 3, 3, 0, UInt8(messages.count)] + messages)) == nil)
    }
}
