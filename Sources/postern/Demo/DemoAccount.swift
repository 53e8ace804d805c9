/// Somebody in the demo. Passwords are no secret: the demo listens on this machine alone.
struct DemoAccount: Sendable {
    let name: String
    let password: String

    var address: String { "\(name)@example.org" }

    static let alice = DemoAccount(name: "alice", password: "wonderland")
    static let bob = DemoAccount(name: "bob", password: "builder")
    static let all = [alice, bob]

    /// What the PKCS#12 files ask for when a mail program imports them.
    static let archivePassword = "postern"
}
