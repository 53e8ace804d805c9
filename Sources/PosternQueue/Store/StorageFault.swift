/// An operation on a file that the system refused.
public struct StorageFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, in the system's word: `fdatasync`, `COMMIT`.
    public let operation: String
    public let path: String
    /// The system's error number, or SQLite's extended result code.
    public let code: Int32
    /// The same in words.
    public let reason: String

    package init(operation: String, path: String, code: Int32, reason: String) {
        self.operation = operation
        self.path = path
        self.code = code
        self.reason = reason
    }

    public var description: String { "\(operation) \(path): \(reason) (\(code))" }
}
