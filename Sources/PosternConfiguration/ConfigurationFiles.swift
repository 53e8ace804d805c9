/// A configuration as it lies on disk: `postern.yaml` and the accounts file that it names.
public struct ConfigurationFiles: Sendable, Equatable {
    public var configuration: Configuration
    public var accounts: Accounts

    /// Reads both files. Problems of both come together: an error in one does not hide those of the other.
    /// - Parameter path: of `postern.yaml`.
    public static func read(_ path: String) -> Reading<ConfigurationFiles> {
        let octets: [UInt8]
        do throws(FileContents.Failure) {
            octets = try FileContents.of(path)
        } catch {
            return Reading(nil, problems: [ConfigurationProblem(at: .whole(path), .unreadable(reason: error.reason))])
        }
        let (configuration, accountsPath, problems) = Configuration.parse(octets, file: path)
        guard let accountsPath else { return Reading(nil, problems: problems) }
        let accounts = readAccounts(accountsPath)
        guard let configuration, let value = accounts.value else {
            return Reading(nil, problems: problems + accounts.problems)
        }
        return Reading(
            ConfigurationFiles(configuration: configuration, accounts: value),
            problems: problems + accounts.problems + hazards(of: configuration, value))
    }

    private static func readAccounts(_ path: Located<String>) -> Reading<Accounts> {
        do throws(FileContents.Failure) {
            return Accounts.read(try FileContents.of(path.value), file: path.value)
        } catch {
            let reason = "\(quoted(path.value, limit: 4_096)): \(error.reason)"
            return Reading(nil, problems: [ConfigurationProblem(at: path.location, .unreadable(reason: reason))])
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
