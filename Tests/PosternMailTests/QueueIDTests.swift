import PosternMail
import Testing

@Suite("Queue ids")
struct QueueIDTests {
    @Test("An id has 20 characters of an alphabet without I, L, O and U, and is read back")
    func form() throws {
        let id = QueueID(time: Timestamp(seconds: 1_780_272_000), random: .max)
        #expect(id.description.utf8.count == 20)
        #expect(QueueID(id.description) == id)
        #expect(id.description.allSatisfy { "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains($0) })
    }

    @Test("Ids sort by their time, whatever the random number")
    func order() {
        var last = QueueID(time: Timestamp(seconds: 0), random: .max)
        for seconds in stride(from: Int64(1), to: 9_000_000_000, by: 123_456_789) {
            let next = QueueID(time: Timestamp(seconds: seconds), random: seconds.isMultiple(of: 2) ? 0 : .max)
            #expect(last < next)
            last = next
        }
    }

    @Test("Moments before 1970 count as 1970; only the lower 55 random bits are used")
    func bounds() {
        let moment = Timestamp(seconds: 0)
        #expect(QueueID(time: Timestamp(seconds: -5), random: 1) == QueueID(time: moment, random: 1))
        #expect(QueueID(time: moment, random: 1) == QueueID(time: moment, random: 1 | 1 << 55))
        #expect(QueueID(time: moment, random: 1) != QueueID(time: moment, random: 1 | 1 << 54))
    }

    @Test(
        "Other texts are no ids",
        arguments: [
            "", "0123456789ABCDEFGHJ", "0123456789ABCDEFGHJKM", "0123456789abcdefghjk", "0123456789ABCDEFGHIJ",
            "../../../../../etc/p", "0123456789ABCDEFGHJ\0",
        ])
    func invalid(_ text: String) {
        #expect(QueueID(text) == nil)
    }
}
