import PosternMail
import PosternQueue
import Testing

@testable import PosternAdmin

@Suite("The queue as it is shown")
struct ListingTests {
    private static let evil = "\u{1B}[2J\u{7}\r\n\u{9B}31m\u{202E}x"

    private func page(_ text: String) throws -> QueuePage {
        var page = QueuePage()
        let recipient = QueuedRecipient(
            mailbox: text, state: .held, attempts: 1, due: Timestamp(seconds: 0), reason: text, hold: text)
        page.entries = [
            QueueEntry(
                id: try #require(QueueID("01JD3K5Q7W9Z1B4C6D8F")), sender: text, length: 1,
                received: Timestamp(seconds: 0),
                account: text, authentication: text, bodyType: text, damage: text, recipients: [recipient])
        ]
        return page
    }

    @Test("C5: whatever stands in the queue, nothing that is shown can command a terminal, or end a line")
    func harmless() throws {
        let page = try page(Self.evil)
        let now = Timestamp(seconds: 60)
        let entry = try #require(page.entries.first)
        let shown = [
            QueueListing.text(page, at: now), QueueListing.details(of: entry, at: now),
            String(decoding: QueueListing.json(page), as: UTF8.self),
        ]
        for text in shown {
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || SafeText.shows($0) })
            #expect(text.contains("1b"))
        }
        #expect(shown[2].split(separator: "\n").count == 1)
    }

    @Test("in the manner of mailq")
    func text() throws {
        #expect(
            QueueListing.text(try page("a@example.org"), at: Timestamp(seconds: 60)) == """
                01JD3K5Q7W9Z1B4C6D8F          1 1970-01-01T00:00:00Z  a@example.org
                    (damaged: a@example.org)
                    (held: a@example.org: a@example.org)
                                                                      a@example.org

                """)
    }
}
