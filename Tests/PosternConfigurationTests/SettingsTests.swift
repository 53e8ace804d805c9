import Foundation
import Testing

@testable import PosternConfiguration

@Suite("The tables of settings")
struct SettingsTests {
    @Test("postern.example.yaml is what the tables say")
    func exampleFile() throws {
        let file = testFolder.appending(path: "../../postern.example.yaml")
        if ProcessInfo.processInfo.environment["POSTERN_WRITE_EXPECTED"] != nil {
            try Data(Configuration.example.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == Configuration.example)
    }

    @Test("the example is a configuration, as it stands and with all that is commented out")
    func exampleIsValid() throws {
        let standing = Configuration.read(Array(Configuration.example.utf8), file: "example")
        #expect(standing.problems == [])
        let lines = Configuration.example.split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { line in
            let indentation = line.prefix { $0 == " " || $0 == "-" }
            let rest = line.dropFirst(indentation.count)
            return rest.hasPrefix("#") && !rest.hasPrefix("# ") ? indentation + rest.dropFirst() : line[...]
        }.joined(separator: "\n")
        let whole = Configuration.read(Array(uncommented.utf8), file: "example")
        #expect(whole.problems == [])
        var limits = try #require(whole.value).limits
        limits.places = [:]
        #expect(limits == Limits())
        var schedule = try #require(whole.value).schedule
        schedule.places = [:]
        #expect(schedule == Schedule())
    }

    /// A list of lists is no setting's value, so each key that is really read complains of it.
    @Test("every key of every table is read")
    func everyKeyIsRead() {
        check(Configuration.settings, inside: { "\($0)\n" }, read: Configuration.read)
        check(TLSFiles.settings, inside: { "tls:\n  \($0)\n" }, read: Configuration.read)
        check(ClientCertificates.tableSettings, inside: { "client-certificates:\n  \($0)\n" }, read: Configuration.read)
        check(
            Authority.settings, inside: { "client-certificates:\n  authorities:\n  - \($0)\n" },
            read: Configuration.read)
        check(Limits.settings, inside: { "limits:\n  \($0)\n" }, read: Configuration.read)
        check(MetricsListener.settings, inside: { "metrics:\n  \($0)\n" }, read: Configuration.read)
        check(Schedule.settings, inside: { "schedule:\n  \($0)\n" }, read: Configuration.read)
        check(RouteRule.settings, inside: { "routes:\n  - \($0)\n" }, read: Configuration.read)
        check(SMTPNextHop.settings, inside: { "next-hop:\n  \($0)\n" }, read: Configuration.read)
        check(NextHopTimeouts.settings, inside: { "next-hop:\n  timeouts:\n    \($0)\n" }, read: Configuration.read)
        check(Listener.settings, inside: { "listeners:\n  x:\n    \($0)\n" }, read: Configuration.read)
        check(Accounts.settings, inside: { "\($0)\n" }, read: Accounts.read)
        check(Account.settings, inside: { "accounts:\n  alice:\n    \($0)\n" }, read: Accounts.read)
    }

    private func check<Section, Value>(
        _ settings: [Setting<Section>],
        inside: (String) -> String,
        read: ([UInt8], String) -> Reading<Value>
    ) {
        #expect(Set(settings.map(\.name)).count == settings.count)
        for setting in settings {
            let problems = read(Array(inside("\(setting.name): [[]]").utf8), "x").problems
            let isReported = problems.contains {
                if case .unexpected(let key, _, _, _) = $0.fault {
                    key == setting.name || ["an authority", "a route", "timeouts"].contains(key)
                } else {
                    false
                }
            }
            #expect(isReported, "\(setting.name)")
            #expect(!setting.documentation.isEmpty)
        }
    }
}
