import PosternMail
import PosternSASL
import PosternTestSupport
import Testing

@testable import PosternIdentity

@Suite("Authentication by password")
struct PasswordTests {
    /// What PLAIN of these texts carries.
    private func credentials(
        _ login: String, _ password: String, as authorizationIdentity: String = ""
    ) throws -> PasswordCredentials {
        var exchange = ServerExchange(.plain)
        let message = "\(authorizationIdentity)\0\(login)\0\(password)"
        guard case .complete(.password(let credentials)) = exchange.start(initialResponse: Array(message.utf8)) else {
            throw NotPlain(message: message)
        }
        return credentials
    }

    private struct NotPlain: Error {
        let message: String
    }

    private func outcome(_ snapshot: Snapshot, _ credentials: PasswordCredentials) -> String {
        switch snapshot.authenticate(snapshot.attempt(for: credentials).run()) {
        case .authenticated(let identity, let account):
            identity.account == account.name && identity.basis == .password ? account.name : "another's"
        case .wrong: "wrong"
        case .disabled(let account): "disabled \(account)"
        }
    }

    @Test(
        "SUB-069, SUB-071: the right password of a name or an address opens the account, and nothing else does",
        arguments: [
            ("alice", "wonderland", "alice"), ("alice@example.org", "wonderland", "alice"),
            ("ALICE@example.ORG", "wonderland", "alice"), ("a.smith@example.org", "wonderland", "alice"),
            ("Alice", "wonderland", "wrong"), ("alice", "Wonderland", "wrong"), ("alice", "builder", "wrong"),
            ("bob", "builder", "bob"), ("bob", "wonderland", "wrong"), ("nobody", "wonderland", "wrong"),
            ("dave", "wonderland", "wrong"), ("carol", "sesame", "disabled carol"), ("carol", "x", "wrong"),
        ])
    func passwords(_ login: String, _ password: String, _ expected: String) throws {
        #expect(outcome(try People().snapshot(), try credentials(login, password)) == expected)
    }

    @Test(
        "SUB-075: an authorization identity is a name of the account itself, or the login fails",
        arguments: [
            ("", "alice"), ("alice", "alice"), ("alice@example.org", "alice"), ("A.SMITH@example.org", "alice"),
            ("bob", "wrong"), ("bob@example.org", "wrong"), ("Alice", "wrong"), ("nobody", "wrong"),
        ])
    func authorizationIdentity(_ name: String, _ expected: String) throws {
        #expect(outcome(try People().snapshot(), try credentials("alice", "wonderland", as: name)) == expected)
    }

    @Test("SUB-069: a name that leads nowhere is checked against the decoy, which takes the time of the others")
    func decoy() throws {
        let snapshot = try People().snapshot()
        let lost = [
            try credentials("nobody", "wonderland"), try credentials("dave", "wonderland"),
            try credentials("alice", "wonderland", as: "bob"),
        ]
        for credentials in lost {
            let login = credentials.authenticationIdentity
            let decoy = PasswordAttempt(
                login: login, account: nil, stored: snapshot.decoy, password: credentials.password)
            #expect(snapshot.attempt(for: credentials) == decoy)
            #expect(snapshot.attempt(for: credentials).run().account == nil)
        }
        // It is of the form that the accounts' passwords have, with their number of rounds.
        #expect(snapshot.decoy.encoded.hasPrefix("SCRAM-SHA-256$4096:"))
        #expect(try snapshot.attempt(for: credentials("alice", "x")) != snapshot.attempt(for: credentials("bob", "x")))
    }

    @Test("An account that ends while its password is checked is not opened")
    func changes() throws {
        var people = try People()
        let verdict = try people.snapshot().attempt(for: credentials("alice", "wonderland")).run()
        people.accounts[0] = try People.account("alice", "alice@example.org", isDisabled: true)
        guard case .disabled("alice") = try people.snapshot().authenticate(verdict) else {
            Issue.record("a disabled account was opened")
            return
        }
        people.accounts.removeFirst()
        guard case .wrong = try people.snapshot().authenticate(verdict) else {
            Issue.record("an account was opened that is gone")
            return
        }
    }

    @Test("What a password proved holds as long as the account does, whatever becomes of the certificate")
    func continuation() throws {
        var people = try People()
        let snapshot = try people.snapshot()
        guard
            case .authenticated(let identity, _) = snapshot.authenticate(
                snapshot.attempt(for: try credentials("alice", "wonderland")).run())
        else {
            Issue.record("alice was not authenticated")
            return
        }
        let bob = try people.devices.issue(mailboxes: ["bob@example.org"])
        #expect(snapshot.continuation(of: identity, under: snapshot.decide(nil)).words == "alice")
        #expect(snapshot.continuation(of: identity, under: snapshot.decide(bob)).words == "alice")
        people.accounts.removeFirst()
        let later = try people.snapshot()
        #expect(later.continuation(of: identity, under: later.decide(nil)).words == "account ended")
    }

    @Test("No way of printing an attempt shows the password")
    func printing() throws {
        let attempt = try People().snapshot().attempt(for: credentials("alice", "wonderland"))
        var dumped = ""
        dump(attempt, to: &dumped)
        for text in ["\(attempt)", String(reflecting: attempt), dumped] { #expect(!text.contains("wonderland")) }
    }
}
