import PosternMail

/// An address as it stands in a field of a header, where it stands there.
struct FieldAddress: Hashable, Sendable {
    /// The address without the blanks and comments in it: `alice@example.org`, or `root` alone.
    let text: [UInt8]
    /// From its first octet to its last, in the field.
    let range: Range<Int>
}

/// Finds the addresses in the value of a field (RFC 5322 §3.4), as mail programs and people write them: with names,
/// comments, groups and old routes.
struct AddressScanner {
    private let field: ArraySlice<UInt8>
    private var index: Int
    private var addresses: [FieldAddress] = []
    /// The words of the address at hand that stand outside of brackets.
    private var words: [Range<Int>] = []
    private var bracketed: FieldAddress?

    /// - Parameter field: what stands behind the colon; the ranges are indices of it.
    static func addresses(in field: ArraySlice<UInt8>) throws(Fault) -> [FieldAddress] {
        var scanner = AddressScanner(field)
        return try scanner.scan()
    }

    /// No address: what stands there.
    struct Fault: Error, Hashable, Sendable {
        let text: [UInt8]
    }

    private init(_ field: ArraySlice<UInt8>) {
        self.field = field
        index = field.startIndex
    }

    private mutating func scan() throws(Fault) -> [FieldAddress] {
        while index < field.endIndex {
            switch field[index] {
            case .space, .tab, .carriageReturn, .lineFeed: index += 1
            case UInt8(ascii: "("): try skipComment()
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                try endAddress()
                index += 1
            case UInt8(ascii: ":"):
                // What stood before it was the name of a group.
                words = []
                index += 1
            case UInt8(ascii: "<"): try readBrackets()
            default: words.append(try word())
            }
        }
        try endAddress()
        return addresses
    }

    /// A comment may hold others, and a backslash takes the meaning of what follows it.
    private mutating func skipComment() throws(Fault) {
        let start = index
        var depth = 0
        while index < field.endIndex {
            switch field[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): index += 1
            default: break
            }
            index += 1
            if depth == 0 { return }
        }
        throw Fault(text: Array(field[start...]))
    }

    /// An atom with its dots, an at sign, a quoted string, or an address literal.
    private mutating func word() throws(Fault) -> Range<Int> {
        let start = index
        switch field[index] {
        case UInt8(ascii: "\""): try skip(to: UInt8(ascii: "\""))
        case UInt8(ascii: "["): try skip(to: UInt8(ascii: "]"))
        case UInt8(ascii: "@"): index += 1
        case UInt8(ascii: ">"), UInt8(ascii: ")"): throw Fault(text: Array(field[start...]))
        default:
            index = field[index...].firstIndex { " \t\r\n()<>@,;:\"[]".utf8.contains($0) } ?? field.endIndex
            if index == start { throw Fault(text: Array(field[start...])) }
        }
        return start..<index
    }

    private mutating func skip(to end: UInt8) throws(Fault) {
        let start = index
        index += 1
        while index < field.endIndex {
            if field[index] == end {
                index += 1
                return
            }
            index += field[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        throw Fault(text: Array(field[start...]))
    }

    private mutating func readBrackets() throws(Fault) {
        let start = index
        index += 1
        var inner: [Range<Int>] = []
        while index < field.endIndex, field[index] != UInt8(ascii: ">") {
            switch field[index] {
            case .space, .tab, .carriageReturn, .lineFeed: index += 1
            case UInt8(ascii: "("): try skipComment()
            // RFC 5322 §4.4: an old route ends with a colon, and is dropped.
            case UInt8(ascii: ":"):
                inner = []
                index += 1
            case UInt8(ascii: ","): index += 1
            default: inner.append(try word())
            }
        }
        guard index < field.endIndex, bracketed == nil else { throw Fault(text: Array(field[start...])) }
        index += 1
        // `<>` is nobody.
        guard let first = inner.first, let last = inner.last else { return }
        guard isOneAddress(inner) else { throw Fault(text: Array(field[start..<index])) }
        bracketed = address(inner, first.lowerBound..<last.upperBound)
    }

    private mutating func endAddress() throws(Fault) {
        defer { (words, bracketed) = ([], nil) }
        if let bracketed {
            addresses.append(bracketed)
            return
        }
        guard let first = words.first, let last = words.last else { return }
        let range = first.lowerBound..<last.upperBound
        // `Joe Smith` is a name without its address; the words of one are joined by an at sign and dots.
        guard isOneAddress(words) else { throw Fault(text: Array(field[range])) }
        addresses.append(address(words, range))
    }

    /// Whether no two words stand beside each other without an at sign or a dot between them.
    private func isOneAddress(_ words: [Range<Int>]) -> Bool {
        zip(words, words.dropFirst()).allSatisfy { left, right in
            joins(field[left.upperBound - 1]) || joins(field[right.lowerBound])
        }
    }

    private func joins(_ octet: UInt8) -> Bool { octet == UInt8(ascii: "@") || octet == UInt8(ascii: ".") }

    private func address(_ words: [Range<Int>], _ range: Range<Int>) -> FieldAddress {
        FieldAddress(text: words.flatMap { field[$0] }, range: range)
    }
}
