public import PosternMail

/// Why a message cannot be delivered as it stands in the store. It is kept and listed, never delivered, never dropped.
public enum Damage: Error, Hashable, Sendable, CustomStringConvertible {
    case bodyMissing(path: String)
    case bodyLength(expected: Int, found: Int)
    /// A column holds what it cannot hold.
    case row(column: String, value: String)

    public var description: String {
        switch self {
        case .bodyMissing(let path):
            "its body is not in \(path); put the file back there and start again"
        case .bodyLength(let expected, let found):
            "its body has \(found) octets, \(expected) were accepted"
        case .row(let column, let value):
            "its \(column) cannot be read: \(value.debugDescription)"
        }
    }
}

/// A message that the store keeps and does not deliver.
public struct DamagedMessage: Hashable, Sendable {
    public let id: QueueID
    public let account: String
    public let received: Timestamp
    /// What is wrong, in words.
    public let damage: String

    package init(id: QueueID, account: String, received: Timestamp, damage: String) {
        self.id = id
        self.account = account
        self.received = received
        self.damage = damage
    }
}
