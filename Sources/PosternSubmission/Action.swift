public import NIOCore
public import PosternIdentity
public import PosternMail
public import PosternSMTP

/// What a session asks its shell to do, in the order of the list.
///
/// What is large and rare stands in boxes of its own, so that the many small ones cost little to hand on (measured).
public enum Action: Hashable, Sendable {
    /// The command that is answered stands with it; nil where none is, or a line that is no command.
    case send(Reply, to: Verb? = nil)
    /// Begin the TLS handshake, in one step with the 220 before it.
    case startTLS
    /// Check a password; answered by `.passwordChecked` or `.passwordNotChecked`.
    indirect case checkPassword(PasswordAttempt)
    /// Name a message and make room for it; answered by `.bodyOpened` or `.bodyRefused`.
    case openBody
    /// Add octets to the message that was opened.
    case writeBody(ByteBuffer)
    /// Drop the message that was opened.
    case discardBody
    /// Put the message that was opened on stable storage; answered by `.stored` or `.notStored`.
    indirect case store(Submission)
    indirect case log(SessionEvent)
    /// Close the connection when everything before is sent.
    case close
}

/// A message that was received whole and is to be stored.
public struct Submission: Hashable, Sendable {
    public let id: QueueID
    public let envelope: Envelope
    /// The account that submitted it.
    public let account: String
    public let sequence: Sequence
    /// Octets with the fields that were added.
    public let size: Int
    public let received: Timestamp

    /// How the session came by its right to submit: the two sequences of 2010, or a password.
    public enum Sequence: String, Hashable, Sendable {
        /// A: AUTH EXTERNAL.
        case external = "auth-external"
        /// B: MAIL on the certificate.
        case implicit = "implicit-cert"
        case password
    }
}

/// A list of actions that needs no memory of its own for the one or two that most events lead to.
public struct Actions: Sequence, Sendable {
    private var first: Action?
    private var second: Action?
    private var rest: [Action] = []

    public init() {}

    var isEmpty: Bool { first == nil }

    public mutating func append(_ action: Action) {
        if first == nil {
            first = action
        } else if second == nil {
            second = action
        } else {
            rest.append(action)
        }
    }

    public func makeIterator() -> Iterator {
        Iterator(actions: self)
    }

    public struct Iterator: IteratorProtocol {
        let actions: Actions
        private var index = 0

        init(actions: Actions) {
            self.actions = actions
        }

        public mutating func next() -> Action? {
            defer { index += 1 }
            switch index {
            case 0: return actions.first
            case 1: return actions.second
            default: return index - 2 < actions.rest.count ? actions.rest[index - 2] : nil
            }
        }
    }
}
