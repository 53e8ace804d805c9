import PosternMail

extension Timestamp {
    /// With milliseconds, as the log writes it: `2026-11-25T04:31:33.250Z` (RFC 3339).
    var logText: String {
        let date = CalendarDate(self).description
        let milliseconds = (nanoseconds - seconds * 1_000_000_000) / 1_000_000
        let digits = String(milliseconds)
        return date.dropLast() + "." + String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits + "Z"
    }
}
