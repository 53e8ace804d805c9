import Testing

@testable import PosternConnection

@Suite("PKCS#12")
struct PKCS12Tests {
    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count > 127 else { return [tag, UInt8(content.count)] + content }
        return [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    private static let data: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
    private static let encrypted: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x06]

    /// A bag of the numbered kind (RFC 7292 §4.2).
    private static func bag(_ kind: UInt8) -> [UInt8] {
        let name: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, kind]
        return element(0x30, element(0x06, name) + element(0xA0, element(0x04, Array(repeating: 7, count: 90))))
    }

    private static func contents(_ kinds: [UInt8]) -> [UInt8] {
        let bags = element(0x30, kinds.flatMap(bag))
        return element(0x30, element(0x06, data) + element(0xA0, element(0x04, bags)))
    }

    private static var sealed: [UInt8] {
        element(0x30, element(0x06, encrypted) + element(0xA0, element(0x30, [])))
    }

    private static func file(_ contents: [[UInt8]]) -> [UInt8] {
        let safe = element(
            0x30, element(0x06, data) + element(0xA0, element(0x04, element(0x30, Array(contents.joined())))))
        return element(0x30, element(0x02, [3]) + safe)
    }

    @Test("RFC 7292 §4: a key and a certificate must be in it, or the TLS library ends the process")
    func contents() {
        let rows: [([UInt8], PKCS12Fault?)] = [
            (Self.file([Self.sealed, Self.contents([2])]), nil), (Self.file([Self.contents([1, 3])]), nil),
            (Self.file([Self.sealed]), .noKey), (Self.file([Self.contents([3])]), .noKey),
            (Self.file([Self.contents([2])]), .noCertificate), (Self.file([]), .noKey), ([], .notPKCS12),
            (Array("words".utf8), .notPKCS12), ([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], .notPKCS12),
            ([0x30, 0x80, 0, 0], .notPKCS12),
        ]
        for (octets, fault) in rows {
            var found: PKCS12Fault?
            do throws(PKCS12Fault) { try PKCS12Contents.check(octets) } catch { found = error }
            #expect(found == fault, "\(octets)")
        }
    }

    @Test("BER without lengths, as Firefox and Thunderbird write it, is looked through too")
    func withoutLengths() throws {
        func open(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, 0x80] + content + [0, 0] }
        func file(_ kind: UInt8) -> [UInt8] {
            let bags = open(0x30, Self.bag(kind))
            let contents = open(0x30, Self.element(0x06, Self.data) + open(0xA0, open(0x24, Self.element(0x04, bags))))
            let safe = open(0x30, Self.sealed + contents)
            return open(
                0x30,
                [2, 1, 3]
                    + open(0x30, Self.element(0x06, Self.data) + open(0xA0, open(0x24, Self.element(0x04, safe)))))
        }
        try PKCS12Contents.check(file(2))
        #expect(throws: PKCS12Fault.noKey) { try PKCS12Contents.check(file(3)) }
    }

    @Test("what is cut short ends nothing")
    func prefixes() {
        let file = Self.file([Self.sealed, Self.contents([2])])
        for length in file.indices {
            #expect(throws: (any Error).self) {
                try ClientIdentity(pkcs12: Array(file.prefix(length)), passphrase: nil)
            }
        }
        #expect(throws: (any Error).self) { try ClientIdentity(pkcs12: file, passphrase: nil) }
    }

    @Test("a pass phrase that the library cannot take is refused before it is given one")
    func passphrases() {
        #expect(throws: PassphraseFault.notASCII) {
            try ClientIdentity(certificate: [], key: [], passphrase: Array("é".utf8))
        }
        #expect(throws: PassphraseFault.hasNUL) { try ClientIdentity(pkcs12: [], passphrase: [0]) }
    }
}
