import PosternMail

extension Timestamp {
    /// With milliseconds, as the log writes it: `2026-11-25T04:31:33.250Z` (RFC 3339).
    var logText: String {
        CalendarDate(self).description(milliseconds: Int((nanoseconds - seconds * 1_000_000_000) / 1_000_000))
    }
}
