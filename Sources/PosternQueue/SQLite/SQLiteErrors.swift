import GRDB

extension StorageFault {
    /// A fault of SQLite or of what lies under it.
    init(_ error: any Error, operation: String, path: String) {
        switch error {
        case let fault as StorageFault:
            self = fault
        case let error as DatabaseError:
            self.init(
                operation: operation, path: path, code: error.extendedResultCode.rawValue,
                reason: "SQLite: \(error.message ?? "no reason given")")
        default:
            self.init(operation: operation, path: path, code: 0, reason: "\(error)")
        }
    }
}

extension QueueError {
    /// The error of a statement: a full disk passes, anything else does not.
    init(_ error: any Error, operation: String, path: String) {
        if let error = error as? QueueError {
            self = error
            return
        }
        let fault = StorageFault(error, operation: operation, path: path)
        let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
        self = isFull ? .full(fault) : .failed(fault)
    }
}
