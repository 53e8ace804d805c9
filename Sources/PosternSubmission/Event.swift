public import NIOCore
public import PosternIdentity
public import PosternMail

/// What happens to a session. Each comes with the moment and the newest settings and snapshot (`Surroundings`).
public enum Event: Sendable {
    /// The connection stands.
    case connected
    /// Octets from the client: before TLS as they came, inside TLS decrypted.
    case bytes(ByteBuffer)
    /// The handshake that `.startTLS` asked for, or that the listener begins with, is done.
    indirect case tlsEstablished(TLSFacts)
    /// The answer to `.checkPassword`.
    indirect case passwordChecked(PasswordVerdict)
    /// The other answer to `.checkPassword`.
    case passwordNotChecked(PasswordObstacle)
    /// The answer to `.openBody`: the message has a name, and a place.
    case bodyOpened(QueueID)
    /// The other answer to `.openBody`: messages in reception use up the memory that they may.
    case bodyRefused
    /// The answer to `.store`: the message is on stable storage.
    case stored
    /// The other answer to `.store`: it is not, and nothing is kept of it.
    case notStored(StorageFailure)
    /// The disk was behind, so that nothing was read from the client for a while: its time begins anew. Before this
    /// the shell sends no `.tick`.
    case caughtUp
    /// Some time has passed; a session whose `deadline` lies ahead takes no notice.
    case tick
    /// The server is about to end: what runs may finish.
    case drain
    /// The time that a drain leaves is over: the connection is closed whatever runs.
    case cutOff
    /// The client has gone.
    case closed
}

/// Why a password is not checked.
public enum PasswordObstacle: Hashable, Sendable {
    /// All workers are busy and enough attempts wait.
    case workersBusy
    /// Too many wrong passwords came from the client's network.
    case tooManyFailures
    /// Too many wrong passwords came for this account, from many networks.
    case accountUnderAttack
}

/// Why a message could not be stored.
public enum StorageFailure: Hashable, Sendable {
    /// No room; the client may try again later.
    case full
    /// The storage fails.
    case broken
}
