/// What `accounts.yaml` says, in the order of the file. No address is in two accounts, and no name of one account is an
/// address of another; whether addresses, passwords and keys are well-formed other rooms decide.
public struct Accounts: Sendable, Equatable {
    public var accounts: [Account]
}

/// A person or a machine that may submit.
public struct Account: Sendable, Equatable {
    /// The login name. Any of its addresses logs in as well.
    public var name: Located<String>
    /// At least one; the first is the primary.
    public var addresses: [Located<String>]
    public var password: Located<PasswordText>?
    /// Public keys that log in without any authority: `sha256:` and 64 hexadecimal digits.
    public var keys: [Located<String>]
    /// What it may send as besides its addresses: an address, or `*@domain`.
    public var maySendAs: [Located<String>]
    public var isDisabled: Bool
    /// Nil where the listener says.
    public var bareNewline: BareNewline?
}

/// The text of a stored password. It prints nothing.
public struct PasswordText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { "****" }
    public var debugDescription: String { "****" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
