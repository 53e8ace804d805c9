import FoundationEssentials
import PosternMail

/// Why a file is not PEM (RFC 7468).
public enum PEMError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing in it.
    case empty
    /// No `-----BEGIN …-----` line; `looksLikeDER` if the octets begin as DER does.
    case noBlock(looksLikeDER: Bool)
    /// The block that begins in this line has no matching `-----END …-----`.
    case unterminated(label: String, line: Int)
    /// The block that begins in this line is not base64.
    case notBase64(label: String, line: Int)

    public var description: String {
        switch self {
        case .empty: "the file is empty"
        case .noBlock(looksLikeDER: true):
            "the file is DER, PEM is expected: convert it with `openssl x509 -inform DER`, or `openssl crl -inform DER`"
        case .noBlock(looksLikeDER: false): "no \"-----BEGIN …-----\" line is in the file, so it is not PEM"
        case .unterminated(let label, let line): "the block \"\(label)\" in line \(line) has no matching END line"
        case .notBase64(let label, let line): "the block \"\(label)\" in line \(line) is not base64"
        }
    }
}

/// One block of a PEM file. Text around blocks is ignored, lines may be of any length (RFC 7468 §2).
struct PEMBlock {
    let label: String
    let der: [UInt8]

    static let certificateLabel = "CERTIFICATE"
    static let revocationListLabel = "X509 CRL"

    /// All blocks, at least one.
    static func read(_ octets: [UInt8]) throws(PEMError) -> [PEMBlock] {
        guard !octets.isEmpty else { throw .empty }
        var blocks: [PEMBlock] = []
        var open: (label: String, line: Int, base64: [UInt8])?
        var number = 0
        for line in octets.split(separator: .lineFeed, omittingEmptySubsequences: false) {
            number += 1
            let text = line.trimmed
            if let current = open {
                if text.starts(with: "-----".utf8) {
                    guard text.elementsEqual("-----END \(current.label)-----".utf8) else {
                        throw .unterminated(label: current.label, line: current.line)
                    }
                    blocks.append(try block(current.label, current.line, current.base64))
                    open = nil
                } else if !text.contains(UInt8(ascii: ":")) {
                    // A colon: a header of the older form (RFC 1421), as in encrypted keys.
                    open?.base64.append(contentsOf: text)
                }
            } else if let label = label(text) {
                open = (label, number, [])
            }
        }
        if let open { throw .unterminated(label: open.label, line: open.line) }
        guard !blocks.isEmpty else { throw .noBlock(looksLikeDER: octets[0] == 0x30) }
        return blocks
    }

    private static func label(_ line: ArraySlice<UInt8>) -> String? {
        let (begin, end) = ("-----BEGIN ".utf8, "-----".utf8)
        guard line.count > begin.count + end.count, line.starts(with: begin), line.suffix(end.count).elementsEqual(end)
        else { return nil }
        return VisibleText.escape(line.dropFirst(begin.count).dropLast(end.count))
    }

    private static func block(_ label: String, _ line: Int, _ base64: [UInt8]) throws(PEMError) -> PEMBlock {
        guard let data = Data(base64Encoded: Data(base64)), !data.isEmpty else {
            throw .notBase64(label: label, line: line)
        }
        return PEMBlock(label: label, der: Array(data))
    }

    /// The block as text, with lines of 64 characters.
    static func write(label: String, der: [UInt8]) -> String {
        let base64 = Array(Data(der).base64EncodedString().utf8)
        var lines = ["-----BEGIN \(label)-----"]
        for start in stride(from: 0, to: base64.count, by: 64) {
            lines.append(String(decoding: base64[start..<min(start + 64, base64.count)], as: UTF8.self))
        }
        lines.append("-----END \(label)-----\n")
        return lines.joined(separator: "\n")
    }
}

extension ArraySlice<UInt8> {
    /// Without white space at its ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isSpace(_ octet: UInt8) -> Bool { octet == .space || octet == .tab || octet == .carriageReturn }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return [] }
        return start[...last]
    }
}
