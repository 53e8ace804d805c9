import Glibc
import PosternConfiguration
import PosternMail
import PosternSend

/// What the command finds where it runs: who calls, on which machine, and where files are.
struct SendEnvironment: Sendable {
    let machine: Machine
    /// Where we were called; relative paths of the command line are from here.
    let workingFolder: String
    let stateFolder: String
    let spoolFolder: String
    let temporaryFolder: String

    static func current() -> SendEnvironment {
        let account = getpwuid(getuid()).map { $0.pointee }
        let home = value("HOME") ?? account.map { String(cString: $0.pw_dir) } ?? "/"
        let user = value("USER") ?? value("LOGNAME") ?? account.map { String(cString: $0.pw_name) } ?? "nobody"
        let hostname = value("HOSTNAME") ?? ProbeServerCommand.machineName
        let machine = Machine(
            user: user, hostname: hostname, canonicalName: canonicalName(of: hostname),
            mailName: firstLine(of: "/etc/mailname"), home: home)
        let chosen = value("XDG_STATE_HOME")
        let state = chosen ?? "\(home)/.local/state"
        return SendEnvironment(
            machine: machine, workingFolder: currentFolder(), stateFolder: "\(state)/postern",
            spoolFolder: getuid() == 0 && chosen == nil ? "/var/spool/postern" : "\(state)/postern/spool",
            temporaryFolder: value("TMPDIR") ?? "/var/tmp")
    }

    static let systemConfiguration = "/etc/msmtprc"

    /// Where msmtp's files are, the system's first.
    func configurationPaths(_ arguments: SendArguments) -> [String] {
        let system = Self.systemConfiguration
        if let file = arguments.file { return [system, file] }
        let folder = Self.value("XDG_CONFIG_HOME") ?? "\(machine.home)/.config"
        let own = "\(machine.home)/.msmtprc"
        return [system, NewFile.exists(own) ? own : "\(folder)/msmtp/config"]
    }

    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// As the file of hosts has it. Nobody else is asked: without a network that takes as long as a resolver is patient.
    private static func canonicalName(of hostname: String) -> String {
        if hostname.contains(".") { return hostname }
        guard let octets = try? FileContents.of("/etc/hosts", limit: 1 << 20) else { return hostname }
        for line in octets.split(separator: .lineFeed) {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == .space || $0 == .tab }.dropFirst()
                .map { String(decoding: $0, as: UTF8.self) }
            if words.contains(hostname), let name = words.first(where: { $0.hasPrefix("\(hostname).") }) { return name }
        }
        return hostname
    }

    private static func firstLine(of path: String) -> String? {
        guard let octets = try? FileContents.of(path, limit: 4_096) else { return nil }
        let line = octets.prefix { $0 != .lineFeed && $0 != .carriageReturn }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    private static func currentFolder() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
