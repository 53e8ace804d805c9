/// A moment as a date and a time of day in UTC (proleptic Gregorian calendar).
public struct CalendarDate: Hashable, Sendable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    public init(_ moment: Timestamp) {
        let seconds = Int(moment.seconds)
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        (year, month, day) = Self.civil(daysSince1970: days)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// Fails for a date that the calendar does not have (a 30 February, hour 24, second 60).
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard (1...9_999).contains(year), (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second),
            day >= 1, day <= Self.days(inMonth: month, of: year)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// The moment that this date names.
    public var timestamp: Timestamp {
        Timestamp(seconds: Int64(daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second))
    }

    /// 0 for Sunday to 6 for Saturday.
    public var weekday: Int {
        ((daysSince1970 + 4) % 7 + 7) % 7
    }

    // Years are counted from March, so that the leap day is the last of its year: all months then follow one formula.
    private var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CalendarDate: CustomStringConvertible {
    /// `2026-11-25T03:33:06Z` (RFC 3339 §5.6).
    public var description: String { text(milliseconds: nil) }

    /// The same with a fraction: `2026-11-25T03:33:06.250Z`.
    /// - Parameter milliseconds: 0 to 999.
    public func description(milliseconds: Int) -> String { text(milliseconds: milliseconds) }

    /// The date as a mail header writes it, in UTC: `Wed, 25 Nov 2026 03:33:06 +0000` (RFC 5322 §3.3).
    public var mailDate: String {
        var text = DateText()
        text.add(Self.weekdays[weekday])
        text.add(", ")
        text.add(day, digits: day < 10 ? 1 : 2)
        text.add(" ")
        text.add(Self.months[month - 1])
        text.add(" ")
        text.add(year, digits: 4)
        text.add(" ")
        text.addTime(of: self)
        text.add(" +0000")
        return text.string
    }

    private func text(milliseconds: Int?) -> String {
        var text = DateText()
        text.add(year, digits: 4)
        text.add("-")
        text.add(month, digits: 2)
        text.add("-")
        text.add(day, digits: 2)
        text.add("T")
        text.addTime(of: self)
        if let milliseconds {
            text.add(".")
            text.add(milliseconds, digits: 3)
        }
        text.add("Z")
        return text.string
    }

    static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// A date's text while it is put together: each message and each line of the log has some.
private struct DateText {
    private var octets: [UInt8] = []

    init() {
        octets.reserveCapacity(32)
    }

    var string: String { String(decoding: octets, as: UTF8.self) }

    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { octets.append(contentsOf: $0) }
    }

    /// With zeros before it; a year beyond them with all its digits.
    mutating func add(_ value: Int, digits: Int) {
        guard value >= 0, value < Self.powers[digits] else {
            octets.append(contentsOf: String(value).utf8)
            return
        }
        var power = Self.powers[digits] / 10
        while power > 0 {
            octets.append(UInt8(ascii: "0") + UInt8(value / power % 10))
            power /= 10
        }
    }

    mutating func addTime(of date: CalendarDate) {
        add(date.hour, digits: 2)
        add(":")
        add(date.minute, digits: 2)
        add(":")
        add(date.second, digits: 2)
    }

    private static let powers = [1, 10, 100, 1_000, 10_000]
}
