import PosternMail

extension Timestamp {
    /// Reads a date and time of RFC 3339 §5.6, such as `2026-11-25T04:31:33Z` or `2026-11-25T05:31:33+01:00`. Parts of a
    /// second are dropped. Nil for anything else, and for a date that the calendar does not have.
    init?(rfc3339 text: String) {
        let octets = Array(text.utf8)
        guard octets.count >= 20,
            let year = Self.number(octets[0..<4]), octets[4] == UInt8(ascii: "-"),
            let month = Self.number(octets[5..<7]), octets[7] == UInt8(ascii: "-"),
            let day = Self.number(octets[8..<10]), octets[10] | 0x20 == UInt8(ascii: "t"),
            let hour = Self.number(octets[11..<13]), octets[13] == UInt8(ascii: ":"),
            let minute = Self.number(octets[14..<16]), octets[16] == UInt8(ascii: ":"),
            let second = Self.number(octets[17..<19]),
            let date = CalendarDate(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var zone = octets[19...]
        if zone.first == UInt8(ascii: ".") {
            let digits = zone.dropFirst().prefix(while: \.isASCIIDigit)
            guard !digits.isEmpty else { return nil }
            zone = zone[digits.endIndex...]
        }
        guard let offset = Self.offset(zone) else { return nil }
        self = date.timestamp + .seconds(-offset)
    }

    /// Seconds that the zone is ahead of UTC.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int? {
        if zone.count == 1, let letter = zone.first, letter | 0x20 == UInt8(ascii: "z") { return 0 }
        let parts = zone.dropFirst().split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hours = number(parts[0]),
            let minutes = number(parts[1]), hours < 24, minutes < 60
        else { return nil }
        switch zone.first {
        case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
        default: return nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy(\.isASCIIDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}
