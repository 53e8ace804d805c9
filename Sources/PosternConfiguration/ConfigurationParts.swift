/// What could be read of a configuration as it lies on disk, `postern.yaml` and the accounts file that it names, whatever
/// else is wrong with them or missing: other rooms look there for more errors, so that all come at once.
public struct ConfigurationParts: Sendable {
    public var hostname: Located<String>?
    /// As it was written; its default is made of the hostname.
    public var postmaster: Located<String>?
    /// The path of the server's own certificate.
    public var certificate: Located<String>?
    /// The path of its key.
    public var key: Located<String>?
    public var authorities: [Authority] = []
    public var limits = Limits()
    /// The path of the state folder.
    public var state: Located<String>?
    /// The path of the audit log, as it was written.
    public var auditLog: Located<String>?
    public var routes: [RouteRule] = []
    public var accounts = Accounts(accounts: [])
    /// The whole; nil where a key is missing that it must have.
    public var configuration: Configuration?

    var accountsPath: Located<String>?
}

extension ConfigurationParts {
    /// The paths of all files that it names and that are read, as far as they are known.
    public var files: [String] {
        var paths = [accountsPath, certificate, key].compactMap { $0?.value }
        for authority in authorities {
            paths += [authority.file.value] + [authority.revocations?.file.value].compactMap { $0 }
        }
        for hop in routes.flatMap(\.nextHops) {
            if let server = hop.value.server { paths += server.files }
        }
        return paths
    }

    /// Reads both files. Problems of both come together: an error in one does not hide those of the other.
    /// - Parameter path: of `postern.yaml`.
    public static func read(_ path: String) -> (parts: ConfigurationParts, problems: [ConfigurationProblem]) {
        let octets: [UInt8]
        do throws(FileContents.Failure) {
            octets = try FileContents.of(path, limit: SourceText.maximumSize)
        } catch {
            return (ConfigurationParts(), [ConfigurationProblem(at: .whole(path), .unreadable(reason: error.reason))])
        }
        var (parts, problems) = Configuration.parse(octets, file: path)
        if let accountsPath = parts.accountsPath {
            let (accounts, accountsProblems) = parseAccounts(accountsPath)
            problems += accountsProblems
            parts.accounts = accounts ?? parts.accounts
        }
        // What was not read might have been the key that hazards ask for.
        let isWhole = !problems.contains { $0.severity == .error }
        guard isWhole, let configuration = parts.configuration else { return (parts, problems) }
        return (parts, problems + hazards(of: configuration, parts.accounts))
    }

    private static func parseAccounts(_ path: Located<String>) -> (Accounts?, [ConfigurationProblem]) {
        do throws(FileContents.Failure) {
            return Accounts.parse(try FileContents.of(path.value, limit: SourceText.maximumSize), file: path.value)
        } catch {
            let reason = "\(quoted(path.value, limit: 4_096)): \(error.reason)"
            return (nil, [ConfigurationProblem(at: path.location, .unreadable(reason: reason))])
        }
    }

    /// Listeners that behave as with the policy off, although their policy is another: no certificate could log in.
    private static func hazards(of configuration: Configuration, _ accounts: Accounts) -> [ConfigurationProblem] {
        let certificates = configuration.clientCertificates
        guard certificates.authorities.isEmpty, accounts.accounts.allSatisfy(\.keys.isEmpty) else { return [] }
        let listeners = configuration.listeners.filter { $0.settings.policy != .off }
        let common = certificates.settings.places["policy"]
        let places = listeners.map { $0.settings.places["policy"] ?? common ?? $0.name.location }
        return Set(places).map { place in
            let names = zip(listeners, places).filter { $0.1 == place }.map { quoted($0.0.name.value) }
            let subject = "\(names.count == 1 ? "listener" : "listeners") \(names.joined(separator: ", "))"
            let sentence =
                "\(subject): no certificate is asked for, as with the policy off, since there is no authority"
            let remedy = "add one of them, or write 'policy: off'"
            return ConfigurationProblem(at: place, .rule("\(sentence), and no account has a key; \(remedy)"), .hazard)
        }
    }
}
