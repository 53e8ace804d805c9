import PosternMail

/// A file that comes with a message.
public struct Attachment: Sendable {
    public let content: PartContent
    /// Nil where the reader gives it one.
    public let name: String?
    public let type: MediaType

    /// - Parameter name: under which the reader keeps it; no path.
    /// - Parameter type: nil for what the end of the name says.
    /// - Throws: if the name is empty, holds a control character or is longer than 1024 octets.
    public init(_ content: PartContent, name: String?, type: MediaType? = nil) throws(MessageError) {
        if let name { try Self.check(name) }
        self.content = content
        self.name = name
        self.type = type ?? name.map(MediaType.init(forFileName:)) ?? .octets
    }

    /// A file, which is read when the message is sent.
    ///
    /// - Parameter name: nil for the file's own.
    /// - Throws: if there is no such file.
    public init(file path: String, name: String? = nil, type: MediaType? = nil) async throws(MessageError) {
        let own = path.split(separator: "/").last.map(String.init)
        try self.init(await .file(path), name: name ?? own, type: type)
    }

    static func check(_ name: String) throws(MessageError) {
        guard (1...1024).contains(name.utf8.count), !name.hasControlCharacter else { throw .fileName(name) }
    }
}

/// Something that the HTML shows, most often a picture.
public struct InlinePart: Sendable {
    public let id: ContentID
    public let content: PartContent
    public let type: MediaType
    public let name: String?

    /// - Throws: if the name is empty, holds a control character or is longer than 1024 octets.
    public init(_ content: PartContent, id: ContentID, type: MediaType, name: String? = nil) throws(MessageError) {
        if let name { try Attachment.check(name) }
        self.content = content
        self.id = id
        self.type = type
        self.name = name
    }
}

/// By what the HTML names an inline part: `left@right` (RFC 2392), of characters that need no encoding in an address.
public struct ContentID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Throws: if the text is something else.
    public init(_ text: String) throws(MessageError) {
        let sides = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard sides.count == 2, text.utf8.count <= 200, sides.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isPlain) })
        else { throw .contentID(text) }
        description = text
    }

    /// What stands in `src`.
    public var url: String { "cid:\(description)" }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || "-._+".utf8.contains(octet)
    }
}
