/// The statuses with which sending ends, as sysexits.h names them: mail programs and scripts read them.
public enum SendStatus: Int32, Hashable, Sendable {
    /// It was sent, or is kept and will be (EX_OK).
    case sent = 0
    /// What was typed is not understood (EX_USAGE).
    case usage = 64
    /// An address, the header or the content cannot be sent as it is (EX_DATAERR).
    case dataError = 65
    /// A recipient does not exist (EX_NOUSER).
    case noUser = 67
    /// A recipient's domain does not exist (EX_NOHOST).
    case noHost = 68
    /// The server refused (EX_UNAVAILABLE).
    case unavailable = 69
    /// The spool cannot be made (EX_CANTCREAT).
    case cannotCreate = 73
    /// The spool or the input failed (EX_IOERR).
    case inputOutput = 74
    /// It may work later; whoever calls tries again (EX_TEMPFAIL).
    case temporaryFailure = 75
    /// The server does not believe who we are (EX_NOPERM).
    case notPermitted = 77
    /// The configuration is wrong (EX_CONFIG).
    case configurationError = 78
}
