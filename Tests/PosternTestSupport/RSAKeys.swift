/// RSA keys that no library would make: nobody has their private halves.
package enum RSAKeys {
    /// The SubjectPublicKeyInfo of a key with this modulus and the exponent 65537.
    package static func subjectPublicKeyInfo(modulus: [UInt8]) -> [UInt8] {
        let key = element(0x30, element(0x02, [0] + modulus) + element(0x02, [1, 0, 1]))
        let algorithm: [UInt8] = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 0x05, 0x00]
        return element(0x30, algorithm + element(0x03, [0] + key))
    }

    /// A key of 1024 bits.
    package static let weak = subjectPublicKeyInfo(modulus: [UInt8](repeating: 0xA5, count: 128))

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<128: [tag, UInt8(content.count)] + content
        case ..<256: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
        }
    }
}
