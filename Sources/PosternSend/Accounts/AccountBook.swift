public import Glibc
import PosternMail

/// The accounts of all files that were found, and which of them is taken.
public struct AccountBook: Sendable {
    /// A file as it was found.
    public struct File: Sendable {
        public var path: String
        public var octets: [UInt8]
        /// Its permissions.
        public var mode: mode_t
        /// Whoever keeps it for all users decides who reads it, and it may hold a password for them all.
        public var isSystem: Bool

        public init(path: String, octets: [UInt8], mode: mode_t, isSystem: Bool = false) {
            self.path = path
            self.octets = octets
            self.mode = mode
            self.isSystem = isSystem
        }
    }

    private var accounts: [WrittenAccount] = []
    private let looked: [String]

    /// - Parameters:
    ///   - files: the system's first, then the user's, whose accounts take the place of the system's.
    ///   - looked: where files were looked for, for the words of a failure.
    public init(
        _ files: [File], looked: [String], evaluate: (String) throws(EvaluationFailure) -> String
    ) throws(AccountError) {
        self.looked = looked
        for file in files {
            let parsed = try MsmtpFile(reading: file.octets, named: file.path, evaluate: evaluate)
            if parsed.holdsSecret, !file.isSystem, file.mode & 0o077 != 0 {
                throw .exposed(file.path, mode: String(file.mode & 0o777, radix: 8))
            }
            let names = Set(parsed.accounts.map(\.name))
            accounts = accounts.filter { !names.contains($0.name) } + parsed.accounts
        }
    }

    /// Who is asked for, in the order in which msmtp looks: by its name, by a host that was typed, by its sender, or
    /// `default`.
    public func account(
        for arguments: SendArguments, on machine: Machine
    ) throws(AccountError) -> SendAccount {
        let isTyped = arguments.namesServer
        var written =
            isTyped ? WrittenAccount(name: "--server") : try found(arguments.account, arguments.envelopeSender, machine)
        for setting in arguments.settings {
            try written.set(setting.key, Assignment(value: setting.value, place: .option(setting.option)))
        }
        return try SendAccount(written, isTyped: isTyped, on: machine)
    }

    private func found(_ name: String?, _ sender: String?, _ machine: Machine) throws(AccountError) -> WrittenAccount {
        if name == nil, let sender, let match = accounts.first(where: { $0.isFrom(sender, machine) }) { return match }
        let name = name ?? "default"
        guard let account = accounts.first(where: { $0.name == name }) else {
            throw .noAccount(name, known: accounts.map(\.name), looked: looked)
        }
        return account
    }
}

extension WrittenAccount {
    /// Whether an account's `from` is this address, whatever its tag, or is a pattern of the shell that matches it.
    fileprivate func isFrom(_ sender: String, _ machine: Machine) -> Bool {
        guard let from = settings["from"].map({ machine.filled($0.value) }), !from.isEmpty else { return false }
        if from.isSenderPattern { return fnmatch(from, sender, 0) == 0 }
        return [sender, Self.withoutTag(sender)].contains { $0.asciiLowercased == from.asciiLowercased }
    }

    /// `user+detail@example.com` is `user@example.com`.
    private static func withoutTag(_ address: String) -> String {
        guard let at = address.lastIndex(of: "@"), let plus = address[..<at].firstIndex(of: "+") else { return address }
        return String(address[..<plus] + address[at...])
    }
}

extension String {
    /// Whether it stands for many senders, as msmtp has it.
    var isSenderPattern: Bool { contains { "?*[".contains($0) } }
}
