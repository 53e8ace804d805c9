public import Logging
public import PosternSubmission

/// The log of connections and sessions: an event a line, with a name that stays the same over releases and fields that
/// programs read. docs/log.md lists both.
///
/// Nothing that a client sends as a credential is in any event, so none can get here.
public struct ServerLog: ServerObserver {
    private let logger: Logger

    /// - Parameter logger: where the lines go; its level decides which.
    public init(_ logger: Logger) {
        self.logger = logger
    }

    public func record(_ event: SessionEvent, of connection: Connection, on listener: String) {
        guard event.logLevel >= logger.logLevel else { return }
        write(event.logLevel, event.logName, event.logFields, connection, listener)
    }

    public func record(_ event: ServerEvent, of connection: Connection?, on listener: String) {
        guard event.logLevel >= logger.logLevel else { return }
        write(event.logLevel, event.logName, event.logFields, connection, listener)
    }

    public func record(_ condition: ServerCondition) {
        logger.log(
            level: condition.logLevel, Logger.Message(stringLiteral: condition.logName.rawValue),
            metadata: condition.logFields)
    }

    private func write(
        _ level: Logger.Level, _ name: ServerEventName, _ fields: Logger.Metadata, _ connection: Connection?,
        _ listener: String
    ) {
        var fields = fields
        fields["listener"] = .string(listener)
        if let connection {
            fields["session"] = .string(connection.id.description)
            fields["client"] = .string(connection.clientAddress)
        }
        logger.log(level: level, Logger.Message(stringLiteral: name.rawValue), metadata: fields)
    }
}
