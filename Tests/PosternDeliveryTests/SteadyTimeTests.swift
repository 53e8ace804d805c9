import PosternMail
import Synchronization
import Testing

@testable import PosternDelivery

@Suite("Steady time")
struct SteadyTimeTests {
    private static let month = Duration.seconds(30 * 86_400)

    /// Readings after so many seconds of the monotonic clock, with the wall clock ahead of it by `lead`.
    private func reading(_ seconds: Int64, lead: Duration = .zero) -> SteadyTime.Reading {
        SteadyTime.Reading(wall: .after(seconds) + lead, monotonic: .seconds(seconds))
    }

    @Test("without a jump it is the wall clock, whose small corrections it follows")
    func plain() {
        var time = SteadyTime(reading(0))
        #expect(time.now == .after(0))
        #expect(time.observe(reading(100)) == nil)
        #expect(time.now == .after(100))
        #expect(time.observe(reading(200, lead: .seconds(30))) == nil)
        #expect(time.now == .after(230))
        #expect(time.age(of: .after(100)) == .seconds(130))
        #expect(time.age(of: .after(999)) == .zero)
        #expect(time.age(of: .after(-500)) == .seconds(730))
    }

    @Test("F8: a month forward makes nothing older, and what comes after it has its own age")
    func forward() {
        var time = SteadyTime(reading(0))
        #expect(time.observe(reading(100, lead: Self.month)) == Self.month)
        #expect(time.observe(reading(200, lead: Self.month)) == nil)
        #expect(time.age(of: .after(0)) == .seconds(200))
        #expect(time.age(of: .after(-86_400)) == .seconds(86_600))
        #expect(time.age(of: .after(150) + Self.month) == .seconds(50))
        // A moment that no clock ever showed is taken for that of the jump.
        #expect(time.age(of: .after(150) + .seconds(86_400)) == .seconds(100))
        // What is due comes early rather than a month late.
        #expect(time.now == .after(200) + Self.month)
    }

    @Test("F8: two hours back hold nothing up, and make nothing younger")
    func back() {
        let back = Duration.seconds(-7_200)
        var time = SteadyTime(reading(0))
        #expect(time.observe(reading(10_000)) == nil)
        #expect(time.observe(reading(10_000, lead: back)) == back)
        #expect(time.now == .after(10_000))
        #expect(time.observe(reading(10_100, lead: back)) == nil)
        #expect(time.now == .after(10_100))
        #expect(time.age(of: .after(0)) == .seconds(10_100))
        #expect(time.age(of: .after(10_050) + back) == .seconds(50))
        #expect(time.age(of: .after(9_900)) == .seconds(200))
        // Of the two moments that a clock showed as this, the later one.
        #expect(time.age(of: .after(2_850)) == .seconds(50))
    }

    @Test("there and back again: ages are right for what came before, meanwhile and after; what is due is early")
    func thereAndBack() {
        var time = SteadyTime(reading(0))
        #expect(time.observe(reading(1_000, lead: Self.month)) == Self.month)
        #expect(time.observe(reading(2_000)) == .zero - Self.month)
        #expect(time.age(of: .after(500)) == .seconds(1_500))
        #expect(time.age(of: .after(1_500) + Self.month) == .seconds(500))
        #expect(time.age(of: .after(2_000)) == .zero)
        #expect(time.now == .after(2_000) + Self.month)
    }

    @Test("a clock that jumps all day is forgotten in time, and no age is ever negative")
    func bounded() {
        var time = SteadyTime(reading(0))
        for number in 1...1_000 {
            let lead = Duration.seconds(number % 2 * 10_000)
            #expect(time.observe(reading(Int64(number), lead: lead)) != nil)
        }
        for seconds: Int64 in [-100_000, 0, 500, 1_000, 5_000, 11_000, 100_000] {
            #expect(time.age(of: .after(seconds)) >= .zero)
            #expect(time.age(of: .after(seconds)) <= .seconds(111_000))
        }
    }

    @Test("the clock sleeps a minute at most, tells of a jump once, and dates reports by the wall")
    func clock() async throws {
        let source = TestClock()
        let jumps = Jumps()
        let clock = DeliveryClock(source.source) { jumps.add($0) }
        #expect(clock.now() == .after(100))
        async let sleep: Void = clock.sleep(.after(500))
        while !source.isAwaited(at: .after(160)) { await Task.yield() }
        source.pass(.seconds(60))
        try await sleep
        source.jump(by: .seconds(-7_200))
        #expect(clock.now() == .after(160))
        #expect(clock.wall() == .after(160 - 7_200))
        #expect(clock.age(of: .after(100)) == .seconds(60))
        #expect(jumps.all == [.seconds(-7_200)])
        try await clock.sleep(.after(0))
    }
}

private final class Jumps: Sendable {
    private let jumps = Mutex<[Duration]>([])
    var all: [Duration] { jumps.withLock { $0 } }
    func add(_ jump: Duration) { jumps.withLock { $0.append(jump) } }
}
