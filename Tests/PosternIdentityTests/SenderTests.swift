import PosternIdentity
import PosternMail
import Testing

/// From which addresses an account may send (RFC 6409 §6.1).
@Suite("Senders")
struct SenderTests {
    @Test(
        "SUB-133: an account sends from its addresses and by its patterns, in any case of letters, and from no other",
        arguments: [
            ("alice@example.org", true), ("ALICE@EXAMPLE.ORG", true), ("a.smith@example.org", true),
            ("\"alice\"@example.org", true), ("sales@example.net", true), ("Sales@EXAMPLE.net", true),
            ("anybody@lists.example.org", true), ("\"any body\"@LISTS.example.org", true),
            ("bob@example.org", false), ("alice@example.net", false), ("alice+tag@example.org", false),
            ("alice@sub.lists.example.org", false), ("alice@evil-lists.example.org", false),
            ("alice@lists.example.org.evil.example", false), ("sales+x@example.net", false),
            ("*@example.org", false), ("alice@[192.0.2.1]", false), ("\"alice@example.org\"@evil.example", false),
        ])
    func senders(_ sender: String, _ isPermitted: Bool) throws {
        let alice = try People.account(
            "alice", "alice@example.org", "A.Smith@example.org",
            maySendAs: ["sales@example.net", "*@lists.example.org"])
        #expect(alice.maySend(as: try #require(Mailbox(sender))) == isPermitted)
    }

    @Test("An account without addresses and patterns sends from nowhere")
    func nothing() throws {
        #expect(try !People.account("x").maySend(as: #require(Mailbox("x@example.org"))))
    }

    @Test("A pattern is a mailbox, or `*@` and a domain")
    func patterns() throws {
        #expect(SenderPattern("*@example.org") == .domain(try #require(Domain("EXAMPLE.org"))))
        #expect(SenderPattern("a@example.org") == .mailbox(try #require(Mailbox("a@example.org"))))
        // An asterisk with anything beside it is a local-part like any other.
        #expect(SenderPattern("*a@example.org") == .mailbox(try #require(Mailbox("*a@example.org"))))
        // An address literal is no domain that others could have mailboxes in.
        #expect(SenderPattern("*@[192.0.2.1]") == .mailbox(try #require(Mailbox("*@[192.0.2.1]"))))
    }

    @Test(
        "What is neither is no pattern",
        arguments: [
            "", "*", "*@", "@example.org", "example.org", "*@*", "*@*.example.org", "*@example..org",
            "*@@example.org", "a@b@example.org", "*@example.org\r\n", "alice",
        ])
    func noPatterns(_ text: String) {
        #expect(SenderPattern(text) == nil)
    }
}
