/// A state of the server as a whole that begins or ends.
public enum ServerCondition: Hashable, Sendable {
    /// The reserve of the queue's disk is used up, so that MAIL is answered 452; with the octets and files left.
    case noRoom(free: Int, freeFiles: Int)
    case roomAgain
    /// So many clients are connected that each is granted less (limit `stress`).
    case stress(connections: Int)
    case stressEnded
    /// So many logins by password fail a minute, from all clients together.
    case failedLogins(perMinute: Int)
    case failedLoginsEnded
}
