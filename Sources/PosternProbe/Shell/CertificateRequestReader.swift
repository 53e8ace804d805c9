import NIOCore
import SwiftASN1
import X509

/// Reads the names of authorities out of a server's request for a certificate (RFC 5246 §7.4.4), which TLS 1.2 sends in
/// clear; the TLS library does not tell them.
struct CertificateRequestReader {
    private enum State {
        case reading
        case over
    }

    /// Octets of one message, as the TLS library takes them.
    private static let limit = 1 << 17
    /// Names beyond it are not looked at.
    private static let nameLimit = 256

    private var state = State.reading
    private var records = ByteBuffer()
    private var messages = ByteBuffer()

    /// - Returns: the names, when the request has come; empty if it names none.
    mutating func read(_ octets: ByteBuffer) -> [String]? {
        guard state == .reading else { return nil }
        records.writeImmutableBuffer(octets)
        while let (kind, content) = nextRecord() {
            // 22 is the handshake; behind the change of cipher, or an alert, nothing is in clear.
            guard kind == 22 else {
                state = .over
                return nil
            }
            messages.writeImmutableBuffer(content)
            while let (kind, body) = nextMessage() {
                guard kind == 13 else { continue }
                state = .over
                return Self.authorities(body)
            }
            // A handshake that goes on beyond this is none; the TLS library says so as well.
            guard messages.readableBytes < Self.limit else {
                state = .over
                return nil
            }
        }
        return nil
    }

    private mutating func nextRecord() -> (kind: UInt8, content: ByteBuffer)? {
        let start = records.readerIndex
        guard let kind: UInt8 = records.readInteger(), records.readInteger(as: UInt16.self) != nil,
            let length: UInt16 = records.readInteger(), let content = records.readSlice(length: Int(length))
        else {
            records.moveReaderIndex(to: start)
            return nil
        }
        return (kind, content)
    }

    private mutating func nextMessage() -> (kind: UInt8, body: ByteBuffer)? {
        let start = messages.readerIndex
        guard let kind: UInt8 = messages.readInteger(), let high: UInt8 = messages.readInteger(),
            let low: UInt16 = messages.readInteger(),
            let body = messages.readSlice(length: Int(high) << 16 | Int(low))
        else {
            messages.moveReaderIndex(to: start)
            return nil
        }
        return (kind, body)
    }

    /// certificate_types<1..2^8-1>, supported_signature_algorithms<2..2^16-2>, certificate_authorities<0..2^16-1>.
    private static func authorities(_ body: ByteBuffer) -> [String] {
        var body = body
        guard let types: UInt8 = body.readInteger(), body.readSlice(length: Int(types)) != nil,
            let algorithms: UInt16 = body.readInteger(), body.readSlice(length: Int(algorithms)) != nil,
            let length: UInt16 = body.readInteger(), var list = body.readSlice(length: Int(length))
        else { return [] }
        var names: [String] = []
        while names.count < nameLimit, let length: UInt16 = list.readInteger(),
            let name = list.readBytes(length: Int(length))
        {
            names.append((try? DistinguishedName(derEncoded: DER.parse(name)))?.safeText ?? "a name that is not DER")
        }
        return names
    }
}
