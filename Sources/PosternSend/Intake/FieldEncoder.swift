import PosternClient
import PosternMail
import PosternSASL

/// Makes ASCII of a field that holds other octets: what cron and scripts write as it comes, and what a server without
/// SMTPUTF8 need not take (RFC 6532 §1). Only the words that need it change, by RFC 2047.
struct FieldEncoder {
    private enum Piece {
        /// Blanks, and line ends of folds.
        case blank([UInt8])
        /// The text of a word, without the quotes around it.
        case word([UInt8])
        case other([UInt8])
    }

    private let lineEnd: [UInt8]

    init(lineEnd: [UInt8]) {
        self.lineEnd = lineEnd
    }

    /// - Parameters:
    ///   - octets: the whole field.
    ///   - name: in small letters.
    func encoded(_ octets: [UInt8], named name: String) -> [UInt8] {
        guard !Self.structured.contains(name), octets.holdsOther,
            let colon = octets.firstIndex(of: UInt8(ascii: ":"))
        else { return octets }
        let isOfAddresses = HeaderEditor.addressFields.contains(name)
        let pieces = isOfAddresses ? Self.phrases(octets[(colon + 1)...]) : Self.words(octets[(colon + 1)...])
        return Array(octets[...colon]) + written(pieces)
    }

    /// Words of these are no text for people.
    private static let structured: Set<String> = [
        "received", "return-path", "message-id", "resent-message-id", "in-reply-to", "references", "date",
        "resent-date",
        "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-disposition",
        "dkim-signature", "list-id",
    ]

    /// Neighbours that both need it become one, since the blank between two encoded words is not shown.
    private func written(_ pieces: [Piece]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < pieces.count {
            switch pieces[index] {
            case .blank(let octets), .other(let octets): result += octets
            case .word(var text):
                while index + 2 < pieces.count, case .blank = pieces[index + 1],
                    case .word(let next) = pieces[index + 2]
                {
                    text += [.space] + next
                    index += 2
                }
                // As many on a line as it takes.
                result += Array(Self.encodedWords(text).joined(separator: "\n ").utf8).withLineEnds(lineEnd)
            }
            index += 1
        }
        return result
    }

    private static func encodedWords(_ text: [UInt8]) -> [String] {
        if let text = String(validating: text, as: UTF8.self) { return EncodedWords.encode(text) }
        // RFC 1428 §3: nobody knows what it is in.
        return stride(from: 0, to: text.count, by: 36).map { start in
            "=?unknown-8bit?B?\(Base64.encode(Array(text[start..<min(start + 36, text.count)])))?="
        }
    }

    // MARK: Pieces

    private static let blanks: Set<UInt8> = [.space, .tab, .carriageReturn, .lineFeed]

    private static func words(_ body: ArraySlice<UInt8>) -> [Piece] {
        pieces(body, delimiters: [])
    }

    /// Names and comments; what stands in angle brackets is an address.
    private static func phrases(_ body: ArraySlice<UInt8>) -> [Piece] {
        pieces(body, delimiters: Set("<>(),;:@\"[]".utf8))
    }

    private static func pieces(_ body: ArraySlice<UInt8>, delimiters: Set<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var rest = body
        while let first = rest.first {
            let taken: ArraySlice<UInt8>
            if blanks.contains(first) {
                taken = rest.prefix { blanks.contains($0) }
                pieces.append(.blank(Array(taken)))
            } else if first == UInt8(ascii: "<"), delimiters.contains(first) {
                taken = rest.prefix { $0 != UInt8(ascii: ">") }
                pieces.append(.other(Array(taken)))
            } else if first == UInt8(ascii: "\""), delimiters.contains(first), let end = quoteEnd(rest) {
                taken = rest[rest.startIndex..<end]
                let text = unquoted(taken)
                pieces.append(text.holdsOther ? .word(text) : .other(Array(taken)))
            } else if delimiters.contains(first) {
                taken = rest.prefix(1)
                pieces.append(.other([first]))
            } else {
                taken = rest.prefix { !blanks.contains($0) && !delimiters.contains($0) }
                pieces.append(Array(taken).holdsOther ? .word(Array(taken)) : .other(Array(taken)))
            }
            rest = rest[taken.endIndex...]
        }
        return pieces
    }

    private static func quoteEnd(_ octets: ArraySlice<UInt8>) -> Int? {
        var index = octets.startIndex + 1
        while index < octets.endIndex {
            if octets[index] == UInt8(ascii: "\"") { return index + 1 }
            index += octets[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    private static func unquoted(_ quoted: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var isEscaped = false
        for octet in quoted.dropFirst().dropLast() {
            if octet == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
                continue
            }
            isEscaped = false
            if octet != .lineFeed, octet != .carriageReturn { text.append(octet) }
        }
        return text
    }
}

extension [UInt8] {
    /// Octets that are not ASCII.
    fileprivate var holdsOther: Bool { contains { $0 > 127 } }

    fileprivate func withLineEnds(_ lineEnd: [UInt8]) -> [UInt8] {
        flatMap { $0 == .lineFeed ? lineEnd : [$0] }
    }
}
