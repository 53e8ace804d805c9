import NIOCore
import PosternMail

/// A part that holds no others.
struct BodyLeaf {
    let type: MediaType
    let body: EncodedBody
    private let disposition: String?
    private let name: String?
    private let id: ContentID?

    init(text: String, _ type: MediaType) {
        self.type = type
        body = EncodedBody(text: text)
        disposition = nil
        name = nil
        id = nil
    }

    init(_ attachment: Attachment) throws(MessageError) {
        type = attachment.type
        body = try EncodedBody(attachment.content, attachment.type)
        disposition = "attachment"
        name = attachment.name
        id = nil
    }

    init(_ part: InlinePart) throws(MessageError) {
        type = part.type
        body = try EncodedBody(part.content, part.type)
        disposition = "inline"
        name = part.name
        id = part.id
    }

    func writeHeader(_ header: inout FieldWriter) {
        header.write("Content-Type", type.description, parameters: type.parameters.map { ($0.name, $0.value) })
        header.write("Content-Transfer-Encoding", words: [body.encoding])
        if let disposition {
            header.write("Content-Disposition", disposition, parameters: name.map { [("filename", $0)] } ?? [])
        }
        if let id { header.write("Content-ID", words: ["<\(id)>"]) }
    }
}

/// The content of a part in the form in which it goes out.
struct EncodedBody {
    /// The value of Content-Transfer-Encoding (RFC 2045 §6.1).
    let encoding: String
    let section: MessageContent.Section
    /// Lines in it that could be taken for a boundary of ours.
    let boundaries: [String]

    /// Whether a line end is behind its last octet.
    let endsLine: Bool

    var isEightBit: Bool { encoding == "8bit" }

    init(text: String) {
        let canonical = TextEncoding.canonical(text.utf8)
        let encoding = TextEncoding(for: canonical)
        section =
            switch encoding {
            case .sevenBit: .literal(ByteBuffer(bytes: canonical))
            case .quotedPrintable: .quotedPrintable(canonical)
            case .base64: .base64(.octets(canonical))
            }
        self.encoding = encoding.rawValue
        boundaries = []
        endsLine = canonical.isEmpty || (encoding != .base64 && canonical.last == .lineFeed)
    }

    init(_ content: PartContent, _ type: MediaType) throws(MessageError) {
        guard type.isMessage else {
            encoding = "base64"
            section = .base64(content)
            boundaries = []
            endsLine = false
            return
        }
        guard case .octets(let octets) = content.source else {
            throw .attachedMessage(reason: "is a file or a stream; its lines must be seen first, so give its octets")
        }
        let canonical = TextEncoding.canonical(octets.readableBytesView)
        let lines = canonical.split(separator: .lineFeed, omittingEmptySubsequences: false)
        for line in lines {
            guard line.count <= 999 else { throw .attachedMessage(reason: "has a line of more than 998 octets") }
            guard !line.contains(0) else { throw .attachedMessage(reason: "holds a NUL") }
        }
        // Each LF has its CR: another one would stand alone.
        guard canonical.count(where: { $0 == .carriageReturn }) == lines.count - 1 else {
            throw .attachedMessage(reason: "has a CR that stands alone")
        }
        encoding = canonical.allSatisfy { $0 < 0x80 } ? "7bit" : "8bit"
        section = .literal(ByteBuffer(bytes: canonical))
        endsLine = canonical.last == .lineFeed
        boundaries = lines.filter { $0.starts(with: "--=_".utf8) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
