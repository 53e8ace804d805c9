import PosternMail

/// What kind of content a part has (RFC 2045 §5): `application/pdf`.
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// An attribute and its value, which may be any text without control characters.
    public struct Parameter: Hashable, Sendable {
        public let name: String
        public let value: String
    }

    /// `application/pdf`, in lower case.
    public let description: String
    public private(set) var parameters: [Parameter] = []

    /// - Parameter text: type and subtype, without parameters.
    /// - Throws: if it is not `type/subtype`, or is `multipart`, which a message makes itself.
    public init(_ text: String) throws(MessageError) {
        let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard names.count == 2, text.utf8.count <= 127, names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isToken) }),
            !text.asciiLowercased.hasPrefix("multipart/")
        else { throw .mediaType(text) }
        description = text.asciiLowercased
    }

    /// The type with one more parameter.
    /// - Throws: if the name is no token of 1 to 40 characters, or the value holds a control character.
    public func with(_ name: String, _ value: String) throws(MessageError) -> MediaType {
        guard (1...40).contains(name.utf8.count), name.utf8.allSatisfy({ $0.isToken && $0 != UInt8(ascii: "*") }) else {
            throw .mediaType("\(description); \(name)")
        }
        guard !value.hasControlCharacter else { throw .controlCharacter(field: name, value: value) }
        var type = self
        type.parameters.append(Parameter(name: name, value: value))
        return type
    }

    private init(known description: String, _ parameters: [Parameter] = []) {
        self.description = description
        self.parameters = parameters
    }

    private init(text subtype: String) {
        self.init(known: "text/\(subtype)", [Parameter(name: "charset", value: "utf-8")])
    }

    /// A calendar as an invitation (RFC 6047 §2.4).
    init(_ method: Invitation.Method) {
        self.init(text: "calendar")
        parameters.append(Parameter(name: "method", value: method.rawValue))
    }

    /// A whole message, which is never encoded.
    var isMessage: Bool { description.hasPrefix("message/") }
}

extension MediaType {
    /// Of unknown kind.
    public static let octets = MediaType(known: "application/octet-stream")
    /// In UTF-8.
    public static let plainText = MediaType(text: "plain")
    /// In UTF-8.
    public static let html = MediaType(text: "html")
    /// In UTF-8.
    public static let csv = MediaType(text: "csv")
    /// In UTF-8.
    public static let calendar = MediaType(text: "calendar")
    public static let pdf = MediaType(known: "application/pdf")
    public static let json = MediaType(known: "application/json")
    public static let zip = MediaType(known: "application/zip")
    public static let png = MediaType(known: "image/png")
    public static let jpeg = MediaType(known: "image/jpeg")
    public static let gif = MediaType(known: "image/gif")
    public static let svg = MediaType(known: "image/svg+xml")
    public static let webp = MediaType(known: "image/webp")
    /// A message of RFC 5322.
    public static let message = MediaType(known: "message/rfc822")

    /// What the end of a file's name says; `octets` where it says nothing known.
    public init(forFileName name: String) {
        let end = name.asciiLowercased.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last
        self = end.flatMap { Self.byExtension[String($0)] } ?? .octets
    }

    private static let byExtension: [String: MediaType] = [
        "csv": .csv, "eml": .message, "gif": .gif, "htm": .html, "html": .html, "ics": .calendar, "jpeg": .jpeg,
        "jpg": .jpeg, "json": .json, "md": MediaType(text: "markdown"), "mp3": MediaType(known: "audio/mpeg"),
        "mp4": MediaType(known: "video/mp4"), "odt": MediaType(known: "application/vnd.oasis.opendocument.text"),
        "ods": MediaType(known: "application/vnd.oasis.opendocument.spreadsheet"), "pdf": .pdf, "png": .png,
        "docx": MediaType(known: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "xlsx": MediaType(known: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), "svg": .svg,
        "txt": .plainText, "vcf": MediaType(text: "vcard"), "webp": .webp, "xml": MediaType(known: "application/xml"),
        "zip": .zip,
    ]
}

extension UInt8 {
    /// RFC 2045 §5.1 `token`.
    var isToken: Bool {
        (33...126).contains(self) && !"()<>@,;:\\\"/[]?=".utf8.contains(self)
    }
}
