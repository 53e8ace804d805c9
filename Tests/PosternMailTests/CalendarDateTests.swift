import PosternMail
import Testing

@Suite("Moments and dates")
struct CalendarDateTests {
    @Test(
        "Known moments have their known dates, and back",
        arguments: [
            (0, "1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
            (-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
            (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 +0000"),
            (951_868_800, "2000-03-01T00:00:00Z", "Wed, 1 Mar 2000 00:00:00 +0000"),
            (1_709_164_800, "2024-02-29T00:00:00Z", "Thu, 29 Feb 2024 00:00:00 +0000"),
            (1_780_272_000, "2026-06-01T00:00:00Z", "Mon, 1 Jun 2026 00:00:00 +0000"),
            (2_147_483_647, "2038-01-19T03:14:07Z", "Tue, 19 Jan 2038 03:14:07 +0000"),
            (2_147_483_648, "2038-01-19T03:14:08Z", "Tue, 19 Jan 2038 03:14:08 +0000"),
            (4_107_542_399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 +0000"),
            (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 1 Mar 2100 00:00:00 +0000"),
            (-2_203_891_200, "1900-03-01T00:00:00Z", "Thu, 1 Mar 1900 00:00:00 +0000"),
        ])
    func known(_ seconds: Int64, _ text: String, _ mailDate: String) {
        let date = CalendarDate(Timestamp(seconds: seconds))
        #expect(date.description == text)
        #expect(date.mailDate == mailDate)
        #expect(date.timestamp.seconds == seconds)
    }

    @Test("Every day of the range follows the day before, and every date leads back to its moment")
    func days() {
        var last = CalendarDate(Timestamp(seconds: -9_000_028_800))
        var wrong = 0
        for day in stride(from: Int64(-9_000_028_800 + 86_400), through: 9_000_000_000, by: 86_400) {
            let date = CalendarDate(Timestamp(seconds: day))
            let isNext = date.day == last.day + 1 && date.month == last.month && date.year == last.year
            let isNextMonth = date.day == 1 && date.month == last.month % 12 + 1 && last.day >= 28
            let isRight = date.weekday == (last.weekday + 1) % 7 && date.timestamp.seconds == day
            if !isRight || !(isNext || isNextMonth) { wrong += 1 }
            last = date
        }
        #expect(wrong == 0)
    }

    @Test("Dates that the calendar does not have make no value")
    func invalid() {
        #expect(CalendarDate(year: 2024, month: 2, day: 29) != nil)
        for (year, month, day) in [
            (2023, 2, 29), (2100, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1),
            (2024, 1, 0), (2024, 1, 32), (0, 1, 1), (10_000, 1, 1),
        ] {
            #expect(CalendarDate(year: year, month: month, day: day) == nil)
        }
        #expect(CalendarDate(year: 2024, month: 1, day: 1, hour: 24) == nil)
        #expect(CalendarDate(year: 2024, month: 1, day: 1, minute: 60) == nil)
        #expect(CalendarDate(year: 2024, month: 1, day: 1, second: 60) == nil)
        #expect(CalendarDate(year: 2000, month: 2, day: 29) != nil)
    }

    @Test("Moments beyond the range are held at its ends")
    func range() {
        #expect(Timestamp(seconds: .max).nanoseconds == .max)
        #expect(Timestamp(seconds: .min).nanoseconds == .min)
        #expect((Timestamp(nanoseconds: .max) + .seconds(1)).nanoseconds == .max)
        #expect((Timestamp(nanoseconds: .min) + .seconds(-1)).nanoseconds == .min)
        #expect(Timestamp(nanoseconds: .max) - Timestamp(nanoseconds: .min) > .zero)
        #expect(Timestamp(nanoseconds: .min) - Timestamp(nanoseconds: .max) < .zero)
        #expect(Timestamp(nanoseconds: -1).seconds == -1)
        #expect(Timestamp(nanoseconds: -1_000_000_000).seconds == -1)
        #expect(Timestamp(nanoseconds: 1_999_999_999).seconds == 1)
    }

    @Test("Durations beyond the range are held at its ends")
    func durations() {
        #expect(Duration.seconds(5).wholeNanoseconds == 5_000_000_000)
        #expect(Duration.nanoseconds(-7).wholeNanoseconds == -7)
        #expect((Duration.nanoseconds(Int64.max) * 4).wholeNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) * 4).wholeNanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .nanoseconds(1)).wholeNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .nanoseconds(1)).wholeNanoseconds == .min)
    }
}
