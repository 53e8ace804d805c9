import Logging
import PosternMail

/// Writes each event of the log as one line for people: time, level, event, and the fields as `name=value`, those of
/// fields within fields as `outer.inner=value`.
struct TextLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let output: LogOutput

    init(_ output: LogOutput) {
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(output.now().logText) \(event.level.rawValue) \(SafeText.escape(event.message.description))"
        for (key, value) in merged(with: event).sorted(by: { $0.key < $1.key }) { Self.write(key, value, into: &line) }
        output.write(Array(line.utf8))
    }

    private static func write(_ key: String, _ value: Logger.MetadataValue, into line: inout String) {
        switch value {
        case .string(let text): line += " \(key)=\(quoted(text))"
        case .stringConvertible(let value): line += " \(key)=\(quoted(value.description))"
        case .array(let values): line += " \(key)=\(quoted(values.map(\.description).joined(separator: ",")))"
        case .dictionary(let fields):
            for (inner, value) in fields.sorted(by: { $0.key < $1.key }) {
                write("\(key).\(inner)", value, into: &line)
            }
        }
    }

    /// In quotes where it would not be one word otherwise.
    private static func quoted(_ text: String) -> String {
        let isWord = !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
        guard !isWord || text.utf8.count > SafeText.limit else { return text }
        return "\"\(SafeText.escape(text).replacing("\"", with: "\\\""))\""
    }
}
