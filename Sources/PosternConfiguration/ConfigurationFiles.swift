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

    /// A policy is asked for, and no certificate could log in.
    private static func hazards(of configuration: Configuration, _ accounts: Accounts) -> [ConfigurationProblem] {
        let certificates = configuration.clientCertificates
        guard certificates.authorities.isEmpty, accounts.accounts.allSatisfy(\.keys.isEmpty),
            let listener = configuration.listeners.first(where: { $0.settings.policy != .off }),
            let place = listener.settings.places["policy"] ?? certificates.settings.places["policy"]
        else { return [] }
        let sentence =
            "there is no authority, and no account has a key: no certificate is asked for, as with the policy off"
        return [ConfigurationProblem(at: place, .rule(sentence), .hazard)]
    }
}
