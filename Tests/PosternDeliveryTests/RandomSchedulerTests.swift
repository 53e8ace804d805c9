import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

/// A store and routes that do anything in any order, and what must hold all the same.
@Suite("Scheduler: random events")
struct RandomSchedulerTests {
    /// SplitMix64: random, but the same in each run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// The world around one scheduler.
    private struct World {
        static let limit = 7
        static let destinations = (1...4).map { Destination(name: "\($0)", limit: $0) }

        var scheduler = Scheduler(limit: limit, to: Array(destinations.prefix(3)))
        var dice: Dice
        var now: Int64 = 0
        var number = 0
        /// What the scheduler has, and what it has been asked to do with it.
        var given: Set<Int> = []
        var running: [Consignment] = []
        var returning: [(consignment: Consignment, until: Timestamp)] = []
        var claims: [Int] = []
        var reserved: [Int] = []
        var timer: Int?
        var finishes = 0

        init(_ dice: Dice) { self.dice = dice }

        /// Nothing is awaited of it any more.
        var isAtRest: Bool { running.isEmpty && returning.isEmpty && claims.isEmpty && reserved.isEmpty }

        mutating func fresh(_ count: Int) -> [Consignment] {
            (0..<count).compactMap { _ in
                number += 1
                given.insert(number)
                return Self.destinations.randomElement(using: &dice).map {
                    Consignment(destination: $0, claim: .sample(number))
                }
            }
        }

        mutating func receive(_ event: Scheduler.Event) {
            for action in scheduler.receive(event, at: .after(now)) {
                switch action {
                case .deliver(let consignment): take(consignment) { $0.running.append(consignment) }
                case .postpone(let consignment, let until):
                    take(consignment) { $0.returning.append((consignment, until)) }
                    #expect(until >= .after(now))
                case .claim(let limit):
                    #expect(limit > 0 && claims.isEmpty, "one claim at a time")
                    claims.append(limit)
                case .wake(let number, _): timer = number
                case .finish:
                    finishes += 1
                    #expect(isAtRest)
                }
            }
            #expect(running.count <= Self.limit)
            for destination in Self.destinations {
                #expect(running.count { $0.destination == destination } <= destination.limit)
            }
        }

        /// Each consignment is delivered or given back, and once.
        private mutating func take(_ consignment: Consignment, _ keep: (inout World) -> Void) {
            #expect(given.remove(Int(consignment.claim.token.rawValue)) != nil)
            keep(&self)
        }

        mutating func step() {
            now += Int64.random(in: 0...9, using: &dice)
            switch Int.random(in: 0..<9, using: &dice) {
            case 0:
                let places = scheduler.reserve(Int.random(in: 1...30, using: &dice))
                if places > 0 { reserved.append(places) }
            case 1:
                guard let places = reserved.popLast() else { return }
                let count = Bool.random(using: &dice) ? places : 0
                receive(.committed(fresh(count), reserved: places, unclaimed: Int.random(in: 0...2, using: &dice)))
            case 2: answerClaim()
            case 3: if let timer { receive(.timerFired(timer - Int.random(in: 0...1, using: &dice))) }
            case 4: receive(.rerouted(Array(Self.destinations.shuffled(using: &dice).prefix(2))))
            case 5...6: endDelivery()
            default: endReturn()
            }
        }

        mutating func answerClaim() {
            guard let wish = claims.popLast() else { return }
            if Int.random(in: 0..<9, using: &dice) == 0 { return receive(.claimFailed(wished: wish)) }
            // A message may be for several destinations.
            let count = Int.random(in: 0...(wish * 2), using: &dice)
            receive(.claimed(fresh(count), nextDue: Bool.random(using: &dice) ? .after(now) : nil, wished: wish))
        }

        mutating func endDelivery() {
            guard let index = running.indices.randomElement(using: &dice) else { return }
            receive(
                .settled(running.remove(at: index).destination, nextDue: Bool.random(using: &dice) ? .after(now) : nil))
        }

        mutating func endReturn() {
            guard let index = returning.indices.randomElement(using: &dice) else { return }
            receive(.returned(nextDue: returning.remove(at: index).until))
        }
    }

    @Test("whatever comes, nothing is lost or doubled, the limits hold, and the end comes once and last")
    func invariants() {
        for seed in 0..<100 as Range<UInt64> {
            var world = World(Dice(state: seed))
            world.receive(.started)
            for _ in 0..<300 { world.step() }
            world.receive(.stopped)
            #expect(world.given.isEmpty, "what waited is given back")
            while !world.isAtRest { world.step() }
            #expect(world.finishes == 1)
            #expect(world.given.isEmpty)
            for _ in 0..<20 { world.step() }
            #expect(world.finishes == 1)
        }
    }
}
