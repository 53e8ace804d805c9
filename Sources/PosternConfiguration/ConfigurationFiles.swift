/// A configuration as it lies on disk: `postern.yaml` and the accounts file that it names.
public struct ConfigurationFiles: Sendable, Equatable {
    public var configuration: Configuration
    public var accounts: Accounts

    /// Reads both files. Problems of both come together: an error in one does not hide those of the other.
    /// - Parameter path: of `postern.yaml`.
    public static func read(_ path: String) -> Reading<ConfigurationFiles> {
        let (files, problems) = parse(path)
        return Reading(files, problems: problems)
    }

    /// As `read`, with whatever could be read in spite of errors: other rooms look there for more of them.
    public static func parse(_ path: String) -> (files: ConfigurationFiles?, problems: [ConfigurationProblem]) {
        let octets: [UInt8]
        do throws(FileContents.Failure) {
            octets = try FileContents.of(path, limit: SourceText.maximumSize)
        } catch {
            return (nil, [ConfigurationProblem(at: .whole(path), .unreadable(reason: error.reason))])
        }
        var (configuration, accountsPath, problems) = Configuration.parse(octets, file: path)
        guard let accountsPath else { return (nil, problems) }
        let (accounts, accountsProblems) = parseAccounts(accountsPath)
        problems += accountsProblems
        guard let configuration else { return (nil, problems) }
        let files = ConfigurationFiles(configuration: configuration, accounts: accounts ?? Accounts(accounts: []))
        // What was not read might have been the key that hazards ask for.
        let isWhole = !problems.contains { $0.severity == .error }
        return (files, problems + (isWhole ? hazards(of: configuration, files.accounts) : []))
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
