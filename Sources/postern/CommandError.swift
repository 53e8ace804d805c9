import ArgumentParser

/// Why a command could not do what it was asked to: a sentence for the person who typed it, and the exit status.
protocol CommandError: Error, CustomStringConvertible {
    var status: ExitCode { get }
}

/// The statuses with which commands end, as sysexits.h names them: scripts and mail programs read them.
extension ExitCode {
    /// What was typed is not what the command takes (EX_USAGE).
    static let usage = ExitCode(64)
    /// What was handed in is not well-formed (EX_DATAERR).
    static let dataError = ExitCode(65)
    /// A file that was named cannot be read (EX_NOINPUT).
    static let noInput = ExitCode(66)
    /// Something that is needed is not there (EX_UNAVAILABLE).
    static let unavailable = ExitCode(69)
    /// The fault is the program's own (EX_SOFTWARE).
    static let softwareError = ExitCode(70)
    /// A file cannot be made (EX_CANTCREAT).
    static let cannotCreate = ExitCode(73)
    /// It may work later: a port in use, a state folder that another process holds (EX_TEMPFAIL).
    static let temporaryFailure = ExitCode(75)
    /// The system does not let this user do it (EX_NOPERM).
    static let notPermitted = ExitCode(77)
    /// The configuration has errors (EX_CONFIG).
    static let configurationError = ExitCode(78)
}
