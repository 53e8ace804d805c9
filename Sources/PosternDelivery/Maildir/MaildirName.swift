import Crypto
import PosternMail

/// The names under which a Maildir tree keeps a recipient and a message.
enum MaildirName {
    /// What a file system takes, in octets.
    static let limit = 255

    /// `local-part@domain`: the domain in lower case, the local-part as it is, since only its own domain may say that
    /// two spellings are one (RFC 5321 §2.4).
    static func folder(for mailbox: Mailbox) -> String {
        folder(localPart: mailbox.localPart.utf8, domain: mailbox.host.description.utf8)
    }

    /// Letters, digits and `.-_+=@` stand for themselves, every other octet and a dot in front as %XX. So two mailboxes
    /// never share a name, and none leaves the folder. A name that is too long becomes its beginning, `#`, which no
    /// other name holds, and the SHA-256 of the whole.
    static func folder(localPart: some Collection<UInt8>, domain: some Collection<UInt8>) -> String {
        let address = Array(localPart) + [UInt8(ascii: "@")] + domain.map(\.asciiLowercased)
        var name: [UInt8] = []
        for (index, octet) in address.enumerated() {
            if isPlain(octet), index > 0 || octet != UInt8(ascii: ".") {
                name.append(octet)
            } else {
                name += [UInt8(ascii: "%"), hexDigits[Int(octet >> 4)], hexDigits[Int(octet & 15)]]
            }
        }
        guard name.count > limit else { return String(decoding: name, as: UTF8.self) }
        let digest = SHA256.hash(data: name).flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] }
        return String(
            decoding: name.prefix(limit - 1 - digest.count) + [UInt8(ascii: "#")] + digest, as: UTF8.self)
    }

    /// Time, queue id, and a word in the place of the host. Queue ids are unique over all nodes, and the same message
    /// has the same name at each attempt: so a second one finds what the first has delivered.
    static func file(id: QueueID, received: Timestamp) -> String {
        "\(received.seconds).\(id).postern"
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || ".-_+=@".utf8.contains(octet)
    }
}
