import PosternMail
import SwiftASN1

/// The subjectAltName extension (RFC 5280 §4.2.1.6), of which mail addresses are what we read.
struct AlternativeNames: Sendable {
    /// More are not looked at; the rule for their number refuses such a certificate anyway.
    static let maximumCount = 32

    /// Names of every form.
    let count: Int
    /// The rfc822Names that are mailboxes, in their order, none twice.
    let mailboxes: [Mailbox]
    /// What stands there and gives no identity, each as a sentence for people.
    let notes: [String]

    init(_ node: ASN1Node) throws {
        var count = 0
        var mailboxes: [Mailbox] = []
        var notes: [String] = []
        var names = try node.children(of: "subjectAltName")
        while let name = names.next() {
            count += 1
            guard count <= Self.maximumCount, name.identifier == Self.rfc822Name else { continue }
            let octets = try name.octets(Self.rfc822Name, of: "rfc822Name")
            // Nothing is trimmed, unwrapped or cut at a NUL: what is not a mailbox as it stands is no identity.
            if let mailbox = Mailbox(octets) {
                if !mailboxes.contains(mailbox) { mailboxes.append(mailbox) }
            } else {
                notes.append("the rfc822Name \"\(VisibleText.escape(octets))\" is not a mailbox (RFC 5321 §4.1.2)")
            }
        }
        guard count > 0 else { throw Malformation("subjectAltName is empty") }
        (self.count, self.mailboxes, self.notes) = (count, mailboxes, notes)
    }

    private static let rfc822Name = ASN1Identifier.tag(1)
}
