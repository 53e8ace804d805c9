import PosternSMTP
import Testing

@testable import PosternClient

@Suite("Submission: the queue's name for a message")
struct QueueIDTests {
    @Test(
        "as servers say it",
        arguments: [
            ("Ok: queued as 4XYZ12", "4XYZ12"), ("queued as 01HF8Z", "01HF8Z"),
            ("OK id=1uYz2A-0000000001-AbCd", "1uYz2A-0000000001-AbCd"),
            ("57BCPpZh012345 Message accepted for delivery", "57BCPpZh012345"), ("Queued as <12@mx>.", "12@mx"),
            ("ok", nil),
            ("queued as", nil), ("thanks", nil), ("", nil),
        ] as [(String, String?)])
    func reading(text: String, id: String?) {
        #expect(Reply(250, EnhancedCode(0, 0), text).queueID == id)
    }
}
