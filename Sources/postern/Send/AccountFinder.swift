import Glibc
import PosternClient
import PosternConfiguration
import PosternConnection
import PosternMail
import PosternSASL
import PosternSend

/// Finds the account of a message, and makes the client that sends by it.
struct AccountFinder: Sendable {
    let environment: SendEnvironment

    /// The account, and the files that were read for it.
    func account(_ arguments: SendArguments) throws(AccountError) -> (account: SendAccount, files: [String]) {
        let paths = arguments.namesServer ? [] : environment.configurationPaths(arguments)
        var files: [AccountBook.File] = []
        var looked: [String] = []
        for path in paths {
            let isSystem = path == SendEnvironment.systemConfiguration && path != arguments.file
            // The system's may be for others alone.
            if isSystem, access(path, R_OK) != 0 {
                looked.append(NewFile.exists(path) ? "\(path) (\(SystemError.text(EACCES)))" : path)
                continue
            }
            looked.append(path)
            // One that was named must be there.
            guard path == arguments.file || NewFile.exists(path) else { continue }
            var file = try Self.file(path)
            file.isSystem = isSystem
            files.append(file)
        }
        let book = try AccountBook(files, looked: looked, evaluate: Self.firstLinePrinted)
        let account = try book.account(for: arguments, on: environment.machine)
        return (account, files.map(\.path))
    }

    func aliases(_ account: SendAccount) throws(AccountError) -> Aliases {
        guard let path = account.aliases else { return .none }
        return try Aliases(reading: Self.contents(path), named: path)
    }

    /// - Parameter recordsTranscript: whether what is said is wanted.
    func configuration(
        of account: SendAccount, recordsTranscript: Bool
    ) throws(AccountError) -> SubmissionConfiguration {
        var configuration = SubmissionConfiguration(
            host: account.host, ports: account.ports, hostname: account.hostname,
            certificate: try account.certificate.map { named throws(AccountError) in
                try certificate(named, passphrase: account.passphrase)
            },
            login: try account.login.map { login throws(AccountError) in try Self.login(login) },
            accountName: account.certificateUser, trust: try Self.trust(account.trust),
            pool: PoolLimits(connections: 1), recordsTranscript: recordsTranscript)
        configuration.memory = FileCertificateMemory(path: "\(environment.stateFolder)/certificates", now: { .now })
        if let timeout = account.timeout { configuration.timeouts = Self.timeouts(timeout) }
        return configuration
    }

    /// As msmtp has it: for everything that is waited for.
    private static func timeouts(_ time: Duration) -> ClientTimeouts {
        var timeouts = ClientTimeouts.submission
        for key in [
            \ClientTimeouts.connection, \.handshake, \.greeting, \.hello, \.mail, \.recipient, \.data, \.block,
            \.endOfData,
        ] {
            timeouts[keyPath: key] = time
        }
        return timeouts
    }

    // MARK: Files

    private static func file(_ path: String) throws(AccountError) -> AccountBook.File {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadable(path, reason: SystemError.text) }
        return AccountBook.File(path: path, octets: try contents(path), mode: status.st_mode)
    }

    private static func contents(_ path: String) throws(AccountError) -> [UInt8] {
        do throws(FileContents.Failure) {
            return try FileContents.of(path, limit: 1 << 20)
        } catch {
            throw .unreadable(path, reason: error.reason)
        }
    }

    private static func trust(_ trust: SendAccount.Trust) throws(AccountError) -> ClientTrust {
        guard case .file(let path) = trust else { return .system }
        let octets = try contents(path)
        do throws(ClientTrustFault) {
            return try ClientTrust(pem: octets)
        } catch {
            throw .unreadable(path, reason: "\(error)")
        }
    }

    private func certificate(
        _ named: SendAccount.Certificate, passphrase: SendAccount.PasswordSource?
    ) throws(AccountError) -> ClientCertificate {
        let secret = try passphrase.map { source throws(AccountError) in try Self.secret(source) }
        let octets = try Self.contents(named.certificate)
        do throws(ClientCertificateFault) {
            if named.certificate == named.key { return try .pkcs12(octets, passphrase: secret) }
        } catch {
            throw .unreadable(named.certificate, reason: "\(error)")
        }
        let key = try Self.contents(named.key)
        do throws(ClientCertificateFault) {
            return try .pem(chain: octets, key: key, passphrase: secret)
        } catch {
            throw .unreadable("\(named.certificate) with \(named.key)", reason: "\(error)")
        }
    }

    // MARK: Secrets

    private static func login(_ login: SendAccount.Login) throws(AccountError) -> ClientCredentials.Login {
        let secret = try secret(login.password)
        do throws(ExchangeFailure) {
            return try ClientCredentials.Login(name: login.user, password: secret)
        } catch {
            throw .badPassword(source: "the account", reason: "the name or the password holds what SASL does not allow")
        }
    }

    private static func secret(_ source: SendAccount.PasswordSource) throws(AccountError) -> Secret {
        let octets: [UInt8]
        let name: String
        switch source {
        case .written(let text): (octets, name) = (Array(text.text.utf8), "the configuration")
        case .command(let command):
            name = "passwordeval"
            do throws(EvaluationFailure) {
                octets = Array(try firstLinePrinted(command).utf8)
            } catch {
                throw .badPassword(source: name, reason: error.reason)
            }
        case .file(let path): (octets, name) = (try guarded(path), path)
        case .credential(let credential):
            name = "the credential \(credential)"
            guard let folder = SendEnvironment.value("CREDENTIALS_DIRECTORY"), !credential.contains("/") else {
                throw .badPassword(
                    source: name, reason: "there is no $CREDENTIALS_DIRECTORY; systemd makes one with LoadCredential=")
            }
            octets = try contents("\(folder)/\(credential)")
        }
        do throws(SASLPrep.Failure) {
            return try Secret(preparing: octets.prefix { $0 != .lineFeed && $0 != .carriageReturn })
        } catch {
            throw .badPassword(source: name, reason: "it \(error)")
        }
    }

    /// A file that others can read keeps no secret.
    private static func guarded(_ path: String) throws(AccountError) -> [UInt8] {
        let file = try file(path)
        guard file.mode & 0o077 == 0 else { throw .exposed(path, mode: String(file.mode & 0o777, radix: 8)) }
        return file.octets
    }

    /// As msmtp has it: the first line that a command of the shell prints. Its input is empty; ours is the message.
    private static func firstLinePrinted(_ command: String) throws(EvaluationFailure) -> String {
        do throws(Subprocess.Failure) {
            let line = try Subprocess.firstLine(of: ["/bin/sh", "-c", command])
            return String(decoding: line.prefix { $0 != .carriageReturn }, as: UTF8.self)
        } catch {
            switch error {
            case .notInstalled: throw EvaluationFailure(reason: "there is no /bin/sh")
            case .failed(let reason): throw EvaluationFailure(reason: reason)
            }
        }
    }
}
