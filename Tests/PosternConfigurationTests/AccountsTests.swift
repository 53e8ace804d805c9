import Foundation
import Testing

@testable import PosternConfiguration

@Suite("Reading accounts and both files")
struct AccountsTests {
    private static let text = """
        accounts:
          alice:
            addresses: [alice@example.org, a.smith@example.org]   # the first is the primary
            password: "SCRAM-SHA-256$4096:c2FsdA==$hunter2:x"
            keys: ["sha256:\(String(repeating: "3f0c", count: 16))"]
            may-send-as: ["*@lists.example.org"]
          printer:
            addresses:
              - printer@example.org
            disabled: true
        """

    @Test("an account's keys are read, in the order of the file")
    func accounts() throws {
        let reading = Accounts.read(Array(Self.text.utf8), file: "accounts.yaml")
        #expect(reading.problems == [])
        let accounts = try #require(reading.value).accounts
        #expect(accounts.map(\.name.value) == ["alice", "printer"])
        let alice = accounts[0]
        #expect(alice.addresses.map(\.value) == ["alice@example.org", "a.smith@example.org"])
        #expect(alice.addresses[1].location.description == "accounts.yaml:3:36")
        #expect(alice.password?.value.text == "SCRAM-SHA-256$4096:c2FsdA==$hunter2:x")
        #expect(alice.password?.location.line == 4)
        #expect(alice.keys.map(\.value.count) == [71])
        #expect(alice.maySendAs.map(\.value) == ["*@lists.example.org"])
        #expect(!alice.isDisabled && accounts[1].isDisabled)
        #expect(accounts[1].password == nil && accounts[1].keys == [] && accounts[1].maySendAs == [])
    }

    @Test("a password is in no printed form, and no message quotes one")
    func redaction() throws {
        let accounts = try #require(Accounts.read(Array(Self.text.utf8), file: "accounts.yaml").value)
        var dumped = ""
        dump(accounts, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(accounts)".contains("hunter2"))
        for damage in ["\"hunter2", "hunter2: x: y", "{hunter2", "*hunter2", "!hunter2 x", "[hunter2]", "\thunter2"] {
            let text = "accounts:\n  alice:\n    addresses: [a@example.org]\n    password: \(damage)\n"
            let reading = Accounts.read(Array(text.utf8), file: "accounts.yaml")
            #expect(reading.problems.allSatisfy { !$0.description.contains("hunter2") }, "\(damage)")
        }
    }

    @Test("problems of both files come together, and each has its file's name")
    func bothFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "postern-configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let main = folder.appending(path: "postern.yaml").path
        let accounts = folder.appending(path: "accounts.yaml").path
        let good = ReadingTests.small.replacing("/etc/postern/accounts.yaml", with: "accounts.yaml")

        #expect(
            readFiles(main).problems.map(\.description) == [
                "\(main): error: the file cannot be read: No such file or directory"
            ])
        try Data((good + "\nlgo: text\n").utf8).write(to: URL(filePath: main))
        #expect(
            readFiles(main).problems.map(\.description) == [
                "\(main):12:11: error: the file cannot be read: '\(accounts)': No such file or directory",
                "\(main):14:1: error: unknown key 'lgo'; did you mean 'log'?",
            ])
        try Data("accounts: { alice: { address: [a@example.org], addresses: [a@example.org] } }".utf8)
            .write(to: URL(filePath: accounts))
        #expect(
            readFiles(main).problems.map(\.description) == [
                "\(accounts):1:22: error: unknown key 'address'; did you mean 'addresses'?",
                "\(main):14:1: error: unknown key 'lgo'; did you mean 'log'?",
            ])
        try Data(Self.text.utf8).write(to: URL(filePath: accounts))
        try Data(good.utf8).write(to: URL(filePath: main))
        let reading = readFiles(main)
        #expect(reading.problems == [])
        #expect(reading.value?.accounts.accounts.count == 2)
        #expect(readFiles(folder.path).problems.first?.description.hasSuffix("Is a directory") == true)
    }

    private func readFiles(_ path: String) -> Reading<ConfigurationParts> {
        let (parts, problems) = ConfigurationParts.read(path)
        return Reading(parts, problems: problems)
    }

    @Test("a policy without an authority and without a key is a hazard")
    func nothingLogsIn() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "postern-configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let main = folder.appending(path: "postern.yaml").path
        let text = """
            hostname: mail.example.org
            state: state
            tls: { certificate: c.pem, key: k.pem }
            client-certificates: { policy: explicit }
            accounts: accounts.yaml
            next-hop: discard:
            """
        try Data(text.utf8).write(to: URL(filePath: main))
        try Data("accounts: { alice: { addresses: [a@example.org] } }".utf8).write(
            to: folder.appending(path: "accounts.yaml"))
        let reading = readFiles(main)
        #expect(reading.value != nil)
        #expect(reading.problems.map(\.severity) == [.hazard])
        #expect(reading.problems.first?.location.line == 4)

        let listeners = """

            listeners:
              one: { port: 2587, tls: starttls }
              two: { port: 2588, tls: starttls, policy: both }
              three: { port: 2589, tls: starttls, policy: off }
              four: { port: 2590, tls: starttls }
            """
        try Data((text + listeners).utf8).write(to: URL(filePath: main))
        let starts = readFiles(main).problems.map {
            $0.description.replacing(folder.path + "/", with: "").prefix { $0 != ";" }.split(separator: ": no").first
        }
        #expect(
            starts == [
                "postern.yaml:4:32: hazard: listeners 'one', 'four'", "postern.yaml:9:45: hazard: listener 'two'",
            ])
    }
}
