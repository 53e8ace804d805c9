import ArgumentParser
import Glibc
import PosternSASL

/// `postern password`: a stored password from standard input.
struct PasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Read a password from standard input and print what accounts.yaml stores of it.",
        discussion: """
            One line feed at its end is dropped. At a terminal the password is asked for and not shown. What is printed \
            is a SCRAM-SHA-256 verifier (RFC 5803): it checks the password and does not reveal it, but whoever has it \
            can try passwords against it. Keep it secret.
            """)

    func run() throws {
        let input = StandardInput.isTerminal ? try StandardInput.askForPassword() : try StandardInput.read(limit: 4_096)
        var generator = SystemRandomNumberGenerator()
        let stored = try Self.stored(input, using: &generator)
        // Often it goes into a file, and a part of it there would lock somebody out.
        guard DescriptorOutput(descriptor: STDOUT_FILENO).writeLine(Array(stored.utf8)) else {
            throw PasswordError.notWritten(reason: SystemError.text)
        }
    }

    /// The text for accounts.yaml of what came on standard input.
    static func stored(
        _ input: [UInt8], using generator: inout some RandomNumberGenerator
    ) throws(PasswordError) -> String {
        let octets = input.last == UInt8(ascii: "\n") ? input.dropLast() : input[...]
        let secret: Secret
        do throws(SASLPrep.Failure) {
            secret = try Secret(preparing: octets)
        } catch {
            throw .unusable(error)
        }
        do throws(StoredPassword.ParsingFailure) {
            return try StoredPassword.make(from: secret, salt: StoredPassword.freshSalt(using: &generator)).encoded
        } catch {
            throw .notDerived(error)
        }
    }
}

/// Why there is no stored password.
enum PasswordError: CommandError {
    case unusable(SASLPrep.Failure)
    case notDerived(StoredPassword.ParsingFailure)
    case tooLong(limit: Int)
    case notRepeated
    case notWritten(reason: String)
    case cancelled

    var description: String {
        switch self {
        case .unusable(.isEmpty): "the password is empty; expected one on standard input: postern password < FILE"
        case .unusable(let failure): "the password \(failure)"
        case .notDerived(let failure): "\(failure)"
        case .tooLong(let limit): "the password is longer than \(limit) octets"
        case .notWritten(let reason): "the stored password could not be written: \(reason)"
        case .notRepeated: "the two passwords are not the same; nothing was made"
        case .cancelled: "cancelled"
        }
    }

    var status: ExitCode {
        switch self {
        case .unusable, .tooLong, .notRepeated: .dataError
        case .notDerived, .notWritten: .temporaryFailure
        // As if by the signal that Ctrl-C sends.
        case .cancelled: ExitCode(130)
        }
    }
}
