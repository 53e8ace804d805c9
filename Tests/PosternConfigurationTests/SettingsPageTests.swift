import Foundation
import Testing

@testable import PosternConfiguration

@Suite("The page of settings")
struct SettingsPageTests {
    @Test("docs/settings.md has every setting, with what holds without it")
    func page() throws {
        let file = testFolder.appending(path: "../../docs/settings.md")
        let page = SettingsPage.text
        if ProcessInfo.processInfo.environment["POSTERN_WRITE_EXPECTED"] != nil {
            try Data(page.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == page)
    }
}

/// docs/settings.md, made of the tables that read a configuration.
private enum SettingsPage {
    static let text = """
        # Every setting

        The file that `postern serve --config FILE` reads, section by section. `postern check FILE` says of a file what is
        wrong with it, where, and what was expected. [postern.example.yaml](../postern.example.yaml) is the same as one file.
        Sizes are octets, or have KiB, MiB or GiB behind them; times are like 1h30m, 5m, 15s. Relative paths belong to the
        folder of the file that they stand in. What changes without a restart: see `postern reload` in
        [running.md](running.md).

        \(section("The file", Configuration.settings))
        \(section("`tls:`", TLSFiles.settings))
        \(section("`client-certificates:`", ClientCertificates.tableSettings))
        \(section("An item of `client-certificates.authorities:`", Authority.settings))
        \(section("A listener, under its name in `listeners:`", Listener.settings))
        \(section("`next-hop:` as a map", SMTPNextHop.settings))
        \(section("An item of `routes:`", RouteRule.settings))
        \(section("`schedule:`", Schedule.settings))
        \(section("`limits:`", Limits.settings))
        \(section("`metrics:`", MetricsListener.settings))
        \(section("`probe:`", SelfProbe.settings))
        \(section("The file of accounts", Accounts.settings))
        \(section("An account, under its name in `accounts:`", Account.settings))
        """

    private static func section<Section>(_ title: String, _ settings: [Setting<Section>]) -> String {
        let rows = settings.map { setting in
            "| `\(setting.name)` | \(meaning(setting)) | \(example(setting)) |"
        }
        return (["## \(title)", "", "| key | meaning | without it, or for example |", "|---|---|---|"] + rows + [""])
            .joined(separator: "\n")
    }

    /// Where the example file goes on with lines of a map, the map has a section of its own here.
    private static func meaning<Section>(_ setting: Setting<Section>) -> String {
        let text = setting.documentation.split(separator: "\n\(setting.name):\n", maxSplits: 1).first ?? ""
        return String(text.hasSuffix(":") ? text.dropLast() + ", as below." : text)
            .replacing("\n", with: " ").replacing("|", with: "\\|")
    }

    private static func example<Section>(_ setting: Setting<Section>) -> String {
        if setting.isRequired { return "an error" }
        switch setting.example {
        case .standard(let text): return "`\(text)`"
        case .given(let text): return "as `\(text)`"
        case .section, .standardSection: return "what its own keys say"
        }
    }
}
