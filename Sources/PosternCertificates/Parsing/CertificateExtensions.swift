import SwiftASN1

/// An extension's value: not there, read, or there and unreadable.
enum Decoded<Value: Sendable>: Sendable {
    case absent
    case value(Value)
    case malformed(Malformation)

    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    var isPresent: Bool {
        if case .absent = self { false } else { true }
    }
}

/// The extensions of one certificate (RFC 5280 §4.2), those that our rules read in their own types.
struct CertificateExtensions: Sendable {
    /// Certificates in use have about ten.
    static let maximumCount = 64

    /// All that are marked critical, in their order.
    private(set) var critical: [ASN1ObjectIdentifier] = []
    private(set) var isEmpty = true
    private(set) var basicConstraints: Decoded<BasicConstraintsValue> = .absent
    private(set) var keyUsage: Decoded<KeyUsageValue> = .absent
    private(set) var extendedKeyUsage: Decoded<[ASN1ObjectIdentifier]> = .absent
    private(set) var alternativeNames: Decoded<AlternativeNames> = .absent
    private(set) var hasNameConstraints = false
    /// An extension that stands there twice (RFC 5280 §4.2 forbids it: which one would count?).
    private(set) var repeated: ASN1ObjectIdentifier?

    init() {}

    init(_ node: ASN1Node) throws {
        var children = try node.children(of: "extensions")
        var seen: [ASN1ObjectIdentifier] = []
        while let child = children.next() {
            var fields = try child.children(of: "extension")
            let identifier = try ASN1ObjectIdentifier(derEncoded: fields.required("extension's identifier"))
            let isCritical = try fields.optional(.boolean).map { try Bool(derEncoded: $0) } ?? false
            let value = try fields.required("extension's value").octets(.octetString, of: "extension's value")
            try fields.end(of: "extension")
            guard seen.count < Self.maximumCount else {
                throw Malformation("there are more than \(Self.maximumCount) extensions")
            }
            if seen.contains(identifier) { repeated = identifier }
            seen.append(identifier)
            if isCritical { critical.append(identifier) }
            read(identifier, value)
        }
        isEmpty = seen.isEmpty
    }

    /// What could not be read, each with the name of its extension.
    var malformations: [Malformation] {
        [
            basicConstraints.malformation("basicConstraints"), keyUsage.malformation("keyUsage"),
            extendedKeyUsage.malformation("extendedKeyUsage"), alternativeNames.malformation("subjectAltName"),
            repeated.map { Malformation("extension \($0) stands there twice") },
        ].compactMap { $0 }
    }

    private mutating func read(_ identifier: ASN1ObjectIdentifier, _ value: ArraySlice<UInt8>) {
        switch identifier {
        case .CertificateExtension.basicConstraints:
            basicConstraints = Decoded { try BasicConstraintsValue(DER.parse(value)) }
        case .CertificateExtension.keyUsage: keyUsage = Decoded { try KeyUsageValue(DER.parse(value)) }
        case .CertificateExtension.extendedKeyUsage: extendedKeyUsage = Decoded { try Self.usages(DER.parse(value)) }
        case .CertificateExtension.subjectAlternativeName:
            alternativeNames = Decoded { try AlternativeNames(DER.parse(value)) }
        case .CertificateExtension.nameConstraints: hasNameConstraints = true
        default: break
        }
    }

    /// RFC 5280 §4.2.1.12.
    private static func usages(_ node: ASN1Node) throws -> [ASN1ObjectIdentifier] {
        var children = try node.children(of: "extendedKeyUsage")
        var usages: [ASN1ObjectIdentifier] = []
        while let child = children.next() { usages.append(try ASN1ObjectIdentifier(derEncoded: child)) }
        guard !usages.isEmpty else { throw Malformation("extendedKeyUsage is empty") }
        return usages
    }
}

extension Decoded {
    fileprivate init(_ read: () throws -> Value) {
        do {
            self = .value(try read())
        } catch let malformation as Malformation {
            self = .malformed(malformation)
        } catch {
            self = .malformed(Malformation("not DER"))
        }
    }

    fileprivate func malformation(_ name: String) -> Malformation? {
        if case .malformed(let malformation) = self { Malformation("\(name): \(malformation.text)") } else { nil }
    }
}

/// RFC 5280 §4.2.1.9.
struct BasicConstraintsValue: Hashable, Sendable {
    let isAuthority: Bool
    /// How many intermediates may follow below; nil for any number.
    let pathLength: Int?

    fileprivate init(_ node: ASN1Node) throws {
        var children = try node.children(of: "basicConstraints")
        isAuthority = try children.optional(.boolean).map { try Bool(derEncoded: $0) } ?? false
        pathLength = try children.optional(.integer).map { try Int(derEncoded: $0) }
        try children.end(of: "basicConstraints")
        guard pathLength ?? 0 >= 0 else { throw Malformation("pathLenConstraint is negative") }
    }
}

/// RFC 5280 §4.2.1.3.
struct KeyUsageValue: Hashable, Sendable {
    private let bits: UInt16

    fileprivate init(_ node: ASN1Node) throws {
        let string = try ASN1BitString(derEncoded: node)
        guard string.bytes.count <= 2 else { throw Malformation("keyUsage is longer than nine bits") }
        bits = string.bytes.enumerated().reduce(0) { $0 | UInt16($1.element) << (8 - 8 * UInt16($1.offset)) }
    }

    var digitalSignature: Bool { has(0) }
    var keyCertSign: Bool { has(5) }
    var cRLSign: Bool { has(6) }

    /// The names of the bits that are set.
    var names: String {
        let names = Self.names.indices.filter(has).map { Self.names[$0] }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private func has(_ bit: Int) -> Bool { bits & (0x8000 >> UInt16(bit)) != 0 }

    private static let names = [
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
        "cRLSign", "encipherOnly", "decipherOnly",
    ]
}

extension ASN1ObjectIdentifier {
    /// The extensions that our rules read (RFC 5280 §4.2.1).
    enum CertificateExtension {
        static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
        static let subjectAlternativeName: ASN1ObjectIdentifier = [2, 5, 29, 17]
        static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
        static let nameConstraints: ASN1ObjectIdentifier = [2, 5, 29, 30]
        static let extendedKeyUsage: ASN1ObjectIdentifier = [2, 5, 29, 37]
    }
}
