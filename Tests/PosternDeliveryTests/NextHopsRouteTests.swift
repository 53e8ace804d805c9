import PosternMail
import PosternQueue
import Synchronization
import Testing

@testable import PosternDelivery

@Suite("Next hops of a route")
struct NextHopsRouteTests {
    private static let gone = DeliveryFailure(code: "4.4.1", reason: "nobody is there", concernsNextHop: true)

    /// A next hop whose state a test sets.
    private final class Hop: Route {
        let name: String
        private let state: Mutex<[String: RouteOutcome]>
        private let seen = Mutex<[[String]]>([])

        init(_ name: String, _ outcomes: [String: RouteOutcome] = [:]) {
            self.name = name
            state = Mutex(outcomes)
        }

        /// The recipients of each attempt.
        var attempts: [[String]] { seen.withLock { $0 } }

        func set(_ outcome: RouteOutcome?) { state.withLock { $0 = outcome.map { ["*": $0] } ?? [:] } }

        func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
            let names = claim.recipients.map(\.mailbox.localPart)
            seen.withLock { $0.append(names) }
            return state.withLock { state in
                names.map { state[$0] ?? state["*"] ?? .delivered(to: name) }
            }
        }
    }

    /// The time of a test.
    private final class Time: Sendable {
        private let now = Mutex(Duration.zero)
        func read() -> Duration { now.withLock { $0 } }
        func set(_ seconds: Int64) { now.withLock { $0 = .seconds(seconds) } }
    }

    private let time = Time()

    private func deliver(_ route: NextHopsRoute, to recipients: [String] = ["bob@example.net"]) async -> [RouteOutcome]
    {
        await route.deliver(.sample(1, to: recipients), body: DeliveryBody(""))
    }

    @Test("does what every route must do")
    func conforms() async throws {
        try await RouteConformance.check { NextHopsRoute([DiscardRoute()], now: time.read) }
    }

    @Test("a next hop that cannot be spoken to: the next one is tried at once, and nothing is lost on the way")
    func failOver() async {
        let (first, second) = (Hop("first", ["*": .deferred(Self.gone)]), Hop("second"))
        let route = NextHopsRoute([first, second], now: time.read)
        #expect(await deliver(route) == [.delivered(to: "second")])
        // The first is left alone for a minute, and is the first again when it is back.
        #expect(await deliver(route) == [.delivered(to: "second")])
        #expect(first.attempts.count == 1)
        first.set(nil)
        time.set(60)
        #expect(await deliver(route) == [.delivered(to: "first")])
        #expect(await deliver(route) == [.delivered(to: "first")])
    }

    @Test("what a next hop says of a recipient is final: another one is asked neither for a 5yz nor for a 4yz to it")
    func recipients() async {
        let no = RouteOutcome.failed(DeliveryFailure(code: "5.1.1", reason: "no such user"))
        let later = RouteOutcome.deferred(DeliveryFailure(code: "4.2.0", reason: "greylisted"))
        let uncertain = RouteOutcome.deferred(DeliveryFailure(code: "4.4.2", reason: "lost", isUncertain: true))
        let first = Hop("first", ["a": no, "b": later, "c": uncertain, "d": .deferred(Self.gone)])
        let second = Hop("second")
        let route = NextHopsRoute([first, second], now: time.read)
        let outcomes = await deliver(
            route, to: ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"])
        #expect(outcomes == [no, later, uncertain, .delivered(to: "second"), .delivered(to: "first")])
        #expect(second.attempts == [["d"]])
    }

    @Test("when none can be spoken to the last one's words stand")
    func allGone() async {
        let other = DeliveryFailure(code: "4.3.2", reason: "421 not now", concernsNextHop: true)
        let route = NextHopsRoute(
            [Hop("first", ["*": .deferred(Self.gone)]), Hop("second", ["*": .deferred(other)])], now: time.read)
        #expect(await deliver(route) == [.deferred(other)])
    }

    @Test("F10: a next hop that failed three times gets a connection after 1, 2, 4, 8, 15, 15 minutes, and no other")
    func suspension() async {
        let hop = Hop("only", ["*": .deferred(Self.gone)])
        let route = NextHopsRoute([hop], now: time.read)
        for _ in 1...3 { #expect(await deliver(route) == [.deferred(Self.gone)]) }
        var (now, attempts) = (Int64(0), 3)
        for pause in [60, 120, 240, 480, 900, 900] as [Int64] {
            time.set(now + pause - 1)
            let failure = await deliver(route).first?.failure
            #expect(failure?.code == "4.4.1")
            #expect(failure?.reason.hasPrefix("nobody is there, not tried again for 1 s") == true)
            #expect(hop.attempts.count == attempts)
            now += pause
            time.set(now)
            #expect(await deliver(route) == [.deferred(Self.gone)])
            attempts += 1
            #expect(hop.attempts.count == attempts)
        }
        hop.set(nil)
        time.set(now + 900)
        for _ in 1...9 { #expect(await deliver(route).map(\.isDelivered) == [true]) }
    }

    @Test("what is only suspended was not tried: it is postponed to the end of the suspension, the soonest of several")
    func postponed() async {
        let (first, second) = (Hop("first", ["*": .deferred(Self.gone)]), Hop("second", ["*": .deferred(Self.gone)]))
        let route = NextHopsRoute([first, second], now: time.read)
        #expect(await deliver(route) == [.deferred(Self.gone)])
        time.set(60)
        second.set(nil)
        // The first failed again, for twice as long; the second takes it.
        #expect(await deliver(route) == [.delivered(to: "second")])
        second.set(.deferred(Self.gone))
        #expect(await deliver(route) == [.deferred(Self.gone)])
        time.set(70)
        guard case .postponed(let failure, for: .seconds(50))? = await deliver(route).first else {
            Issue.record("not postponed to the second's time")
            return
        }
        #expect(failure.reason == "nobody is there, not tried again for 50 s")
        #expect(first.attempts.count == 2 && second.attempts.count == 3)
    }

    @Test(
        "of one that was tried and one that was not, in either order, what was tried counts as the attempt that it is")
    func triedAndSuspended() async {
        let other = DeliveryFailure(code: "4.3.2", reason: "421 not now", concernsNextHop: true)
        let (first, second) = (Hop("first", ["*": .deferred(Self.gone)]), Hop("second", ["*": .deferred(other)]))
        let route = NextHopsRoute([first, second], now: time.read)
        _ = await deliver(route)
        time.set(60)
        second.set(nil)
        _ = await deliver(route)
        second.set(.deferred(other))
        // The first is suspended until 180, the second was tried now.
        #expect(await deliver(route) == [.deferred(other)])
        time.set(180)
        // Now the first is tried, and the second, whose minute is over, too.
        #expect(await deliver(route) == [.deferred(other)])
        #expect(first.attempts.count == 3)
    }

    @Test("the operator hears of each suspension, for how long and why, and of the return")
    func notices() async {
        let told = Mutex<[DeliveryNotice]>([])
        let hop = Hop("only", ["*": .deferred(Self.gone)])
        let route = NextHopsRoute([hop], now: time.read) { notice in told.withLock { $0.append(notice) } }
        for _ in 1...3 { _ = await deliver(route) }
        time.set(60)
        _ = await deliver(route)
        hop.set(nil)
        time.set(180)
        for _ in 1...2 { _ = await deliver(route) }
        #expect(
            told.withLock { $0 } == [
                .suspended("only", for: .seconds(60), Self.gone), .suspended("only", for: .seconds(120), Self.gone),
                .resumed("only"),
            ])
    }

    @Test("an attempt that we gave up ourselves neither suspends a next hop nor brings one back")
    func givenUp() async {
        let hop = Hop("only")
        let route = NextHopsRoute([hop], now: time.read)
        hop.set(.postponed(Self.gone, for: .zero))
        for _ in 1...9 { #expect(await deliver(route) == [.postponed(Self.gone, for: .zero)]) }
        #expect(hop.attempts.count == 9)
    }

    @Test("a success between failures keeps a next hop in use; so does a refusal, for whoever refuses is there")
    func intermittent() async {
        let hop = Hop("only")
        let route = NextHopsRoute([hop], now: time.read)
        for round in 1...9 {
            for _ in 1...2 {
                hop.set(.deferred(Self.gone))
                _ = await deliver(route)
            }
            hop.set(round.isMultiple(of: 2) ? nil : .failed(DeliveryFailure(code: "5.7.1", reason: "no")))
            _ = await deliver(route)
        }
        #expect(hop.attempts.count == 27)
    }

    @Test("one delivery alone tries whether the next hop is back; what began before its suspension changes nothing")
    func probe() {
        var health = NextHopHealth(tolerance: 1)
        #expect(health.refusal(at: .seconds(0)) == nil)
        _ = health.note(Self.gone, at: .seconds(0))
        _ = health.note(Self.gone, at: .seconds(1))
        #expect(health.refusal(at: .seconds(59)) != nil)
        #expect(health.refusal(at: .seconds(60)) == nil)
        #expect(health.refusal(at: .seconds(60))?.failure.reason == "nobody is there, another delivery tries it now")
        #expect(health.refusal(at: .seconds(60))?.pause == .seconds(30))
        _ = health.note(Self.gone, at: .seconds(90))
        #expect(health.refusal(at: .seconds(209)) != nil)
        #expect(health.refusal(at: .seconds(210)) == nil)
        _ = health.note(nil, at: .seconds(211))
        #expect(health.refusal(at: .seconds(211)) == nil)
    }

    @Test("a probe that is never heard of again does not end a next hop for good")
    func lostProbe() {
        var health = NextHopHealth(tolerance: 1)
        _ = health.note(Self.gone, at: .seconds(0))
        #expect(health.refusal(at: .seconds(60)) == nil)
        #expect(health.refusal(at: .seconds(960)) != nil)
        #expect(health.refusal(at: .seconds(961)) == nil)
    }
}

extension NextHopsRoute {
    /// Each is known by its name and its place.
    init(
        _ routes: [any Route], now: @escaping @Sendable () -> Duration,
        changed: @escaping @Sendable (DeliveryNotice) -> Void = { _ in }
    ) {
        self.init(
            routes.enumerated().map { Hop(name: $1.name, identity: "\($0) \($1.name)", route: $1) },
            records: NextHopRecords(now: now, changed: changed))
    }
}
