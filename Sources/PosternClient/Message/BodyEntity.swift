import NIOCore
import PosternMail

/// The body of a message as a tree of parts (RFC 2045 §2.4), no deeper than it must be: mixed holds related, which holds
/// alternative.
indirect enum BodyEntity {
    case leaf(BodyLeaf)
    case multipart(subtype: String, type: String?, [BodyEntity])

    init(of message: Message) throws(MessageError) {
        var entity = try Self.shown(by: message)
        let attachments = try message.attachments.map { attachment throws(MessageError) in
            try BodyEntity.leaf(BodyLeaf(attachment))
        }
        if !attachments.isEmpty {
            let parts = (entity.map { [$0] } ?? []) + attachments
            entity = parts.count == 1 ? parts[0] : .multipart(subtype: "mixed", type: nil, parts)
        }
        self = entity ?? .leaf(BodyLeaf(text: "", .plainText))
    }

    /// What a reader sees; nil where there is no text at all.
    private static func shown(by message: Message) throws(MessageError) -> BodyEntity? {
        // RFC 2046 §5.1.4: the last one is the best.
        let forms = [
            message.text.map { BodyLeaf(text: $0, .plainText) },
            message.html.map { BodyLeaf(text: $0.source, .html) },
            message.invitation.map { BodyLeaf(text: $0.source, MediaType($0.method)) },
        ].compactMap { $0 }.map(BodyEntity.leaf)
        let root = forms.count > 1 ? .multipart(subtype: "alternative", type: nil, forms) : forms.first
        guard let root, let html = message.html, !html.inlineParts.isEmpty else { return root }
        var known: Set<ContentID> = []
        let parts = try html.inlineParts.map { part throws(MessageError) in
            guard known.insert(part.id).inserted else { throw .repeatedContentID(part.id.description) }
            return try BodyEntity.leaf(BodyLeaf(part))
        }
        return .multipart(subtype: "related", type: root.type, [root] + parts)
    }

    private var type: String {
        switch self {
        case .leaf(let leaf): leaf.type.description
        case .multipart(let subtype, _, _): "multipart/\(subtype)"
        }
    }

    /// RFC 2045 §6.4: a whole says of its parts whether there are 8-bit octets.
    var isEightBit: Bool {
        switch self {
        case .leaf(let leaf): leaf.body.isEightBit
        case .multipart(_, _, let parts): parts.contains(where: \.isEightBit)
        }
    }

    // MARK: Boundaries

    /// What boundaries are made of. No text begins a line as a boundary does, or it would have been encoded (`TextEncoding`);
    /// a message that is attached may hold boundaries, so this is none of theirs.
    func token(from token: String) -> String {
        var token = token
        while holds(token) { token += "x" }
        return token
    }

    private func holds(_ token: String) -> Bool {
        switch self {
        case .leaf(let leaf): leaf.body.boundaries.contains { $0.contains(token) }
        case .multipart(_, _, let parts): parts.contains { $0.holds(token) }
        }
    }

    // MARK: Writing

    func sections(header: FieldWriter, token: String) -> [MessageContent.Section] {
        var assembly = Assembly(header)
        assembly.add(self, token: token)
        if case .leaf(let leaf) = self, !leaf.body.endsLine { assembly.endLine() }
        return assembly.finish()
    }
}

/// The sections of a message while they are put together.
private struct Assembly {
    private var sections: [MessageContent.Section] = []
    private var literal: FieldWriter

    init(_ header: FieldWriter) {
        literal = header
    }

    mutating func add(_ entity: BodyEntity, token: String) {
        switch entity {
        case .leaf(let leaf):
            leaf.writeHeader(&literal)
            literal.writeEmptyLine()
            flush()
            sections.append(leaf.body.section)
        case .multipart(let subtype, let type, let parts):
            let boundary = "=_\(subtype)_\(token)"
            literal.write(
                "Content-Type", "multipart/\(subtype)",
                parameters: (type.map { [("type", $0)] } ?? []) + [("boundary", boundary)])
            if entity.isEightBit { literal.write("Content-Transfer-Encoding", words: ["8bit"]) }
            literal.writeEmptyLine()
            for (index, part) in parts.enumerated() {
                // RFC 2046 §5.1.1: the line end before a boundary belongs to it.
                literal.writeDelimiter(boundary, isFirst: index == 0)
                add(part, token: token)
            }
            literal.writeEnd(boundary)
        }
    }

    mutating func endLine() { literal.write(raw: "\r\n") }

    consuming func finish() -> [MessageContent.Section] {
        flush()
        return sections
    }

    private mutating func flush() {
        guard !literal.text.isEmpty else { return }
        sections.append(.literal(ByteBuffer(string: literal.text)))
        literal = FieldWriter()
    }
}

extension FieldWriter {
    fileprivate mutating func writeEmptyLine() { write(raw: "\r\n") }

    fileprivate mutating func writeDelimiter(_ boundary: String, isFirst: Bool) {
        write(raw: "\(isFirst ? "" : "\r\n")--\(boundary)\r\n")
    }

    fileprivate mutating func writeEnd(_ boundary: String) { write(raw: "\r\n--\(boundary)--\r\n") }
}
