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
    public var description: String {
        "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(timeOfDay)Z"
    }

    /// The date as a mail header writes it, in UTC: `Wed, 25 Nov 2026 03:33:06 +0000` (RFC 5322 §3.3).
    public var mailDate: String {
        "\(Self.weekdays[weekday]), \(day) \(Self.months[month - 1]) \(padded(year, 4)) \(timeOfDay) +0000"
    }

    private var timeOfDay: String {
        "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        if digits.utf8.count == width { return digits }
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
