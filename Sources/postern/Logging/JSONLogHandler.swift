import Logging
import PosternMail

/// Writes each event of the log as one line with one JSON object: `time`, `level`, `event`, and the event's fields by
/// the alphabet.
struct JSONLogHandler: LogHandler {
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
        var text = JSONText()
        text.open()
        text.key("time")
        text.string(output.now().logText)
        text.key("level")
        text.string(event.level.rawValue)
        text.key("event")
        text.string(event.message.description)
        Self.write(merged(with: event), into: &text)
        text.close()
        output.write(text.octets)
    }

    private static func write(_ fields: Logger.Metadata, into text: inout JSONText) {
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.key(key)
            write(value, into: &text)
        }
    }

    private static func write(_ value: Logger.MetadataValue, into text: inout JSONText) {
        switch value {
        case .string(let string): text.string(string)
        case .stringConvertible(let number as Int): text.number(number)
        case .stringConvertible(let boolean as Bool): text.boolean(boolean)
        case .stringConvertible(let other): text.string(other.description)
        case .array(let values):
            text.openList()
            for value in values {
                text.separate()
                write(value, into: &text)
            }
            text.closeList()
        case .dictionary(let fields):
            text.open()
            write(fields, into: &text)
            text.close()
        }
    }
}

extension LogHandler {
    /// The fields of an event over those of its logger. `error` is a field like others.
    func merged(with event: LogEvent) -> Logger.Metadata {
        // Nearly every event has fields of its own alone.
        if metadata.isEmpty, metadataProvider == nil, event.error == nil { return event.metadata ?? [:] }
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = .string("\(error)") }
        return fields
    }
}
