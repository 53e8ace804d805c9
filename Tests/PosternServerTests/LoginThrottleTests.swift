import NIOCore
import Testing

@testable import PosternServer

/// A throttle with a clock that the test moves.
private struct Guessing {
    var throttle: LoginThrottle
    var now = Duration.seconds(1_000)

    init(limit: Int = 20) {
        throttle = LoginThrottle(limit: limit)
    }

    static func network(_ address: String) throws -> ClientNetwork {
        ClientNetwork(try SocketAddress(ipAddress: address, port: 25))
    }

    /// - Returns: nil where the password was not checked.
    mutating func attempt(_ login: String, from address: String, isRight: Bool = false) throws
        -> LoginThrottle.Outcome?
    {
        let network = try Self.network(address)
        guard throttle.begin(login, from: network, at: now) == .check else { return nil }
        return throttle.end(login, from: network, isRight: isRight, at: now)
    }

    mutating func decision(_ login: String, from address: String) throws -> LoginThrottle.Decision {
        throttle.decision(on: login, from: try Self.network(address), at: now)
    }
}

@Suite("Which passwords are checked (D2, D3)")
struct LoginThrottleTests {
    @Test("D2: of two hundred tries in a minute from one network twenty are checked, and twenty in the next minute")
    func oneNetwork() throws {
        var guessing = Guessing()
        for number in 0..<200 {
            let outcome = try guessing.attempt("alice", from: "192.0.2.7")
            #expect((outcome != nil) == (number < 20))
        }
        #expect(try guessing.decision("alice", from: "192.0.2.7") == .networkSpent)
        #expect(try guessing.decision("bob", from: "192.0.2.7") == .networkSpent)
        var checked = 0
        for _ in 0..<60 {
            guessing.now += .seconds(1)
            if try guessing.attempt("alice", from: "192.0.2.7") != nil { checked += 1 }
        }
        #expect((19...20).contains(checked))
    }

    @Test("D2: an IPv6 /64 is one network, its neighbour another")
    func ipv6() throws {
        var guessing = Guessing()
        for number in 0..<20 { _ = try guessing.attempt("alice", from: "2001:db8::\(number)") }
        #expect(try guessing.decision("bob", from: "2001:db8::ffff") == .networkSpent)
        #expect(try guessing.decision("bob", from: "2001:db8:0:1::1") == .check)
    }

    @Test("D2: many who know their passwords are not kept waiting, at once or one after the other")
    func rightOnes() throws {
        var guessing = Guessing()
        let network = try Guessing.network("192.0.2.7")
        for number in 0..<500 {
            #expect(guessing.throttle.begin("user\(number)", from: network, at: guessing.now) == .check)
        }
        for number in 0..<500 {
            let outcome = guessing.throttle.end("user\(number)", from: network, isRight: true, at: guessing.now)
            #expect(outcome == LoginThrottle.Outcome())
        }
    }

    @Test("D2: of many guesses that are under way at once no more are let through than the limit")
    func underWay() throws {
        var guessing = Guessing()
        let network = try Guessing.network("192.0.2.7")
        _ = try guessing.attempt("alice", from: "192.0.2.7")
        let begun = (0..<200).count { _ in guessing.throttle.begin("alice", from: network, at: guessing.now) == .check }
        #expect(begun == 19)
    }

    @Test("D2: a good client elsewhere gets in while somebody guesses at its account from one network, or from six")
    func elsewhere() throws {
        var guessing = Guessing()
        for number in 0..<6 {
            for _ in 0..<50 { _ = try guessing.attempt("alice", from: "192.0.2.\(number)") }
        }
        #expect(try guessing.attempt("alice", from: "198.51.100.1", isRight: true) == LoginThrottle.Outcome())
    }

    @Test(
        "D2: where many networks guess at one account, those are let in that were before, and nobody else; then all again"
    )
    func manyNetworks() throws {
        var guessing = Guessing()
        _ = try guessing.attempt("alice", from: "198.51.100.1", isRight: true)
        for number in 0..<100 { _ = try guessing.attempt("alice", from: "192.0.2.\(number)") }
        #expect(try guessing.decision("alice", from: "203.0.113.1") == .accountSpent)
        #expect(try guessing.decision("alice", from: "198.51.100.1") == .check)
        #expect(try guessing.decision("bob", from: "203.0.113.1") == .check)
        guessing.now += .seconds(60)
        #expect(try guessing.decision("alice", from: "203.0.113.1") == .check)
    }

    @Test("D2: who was let in before is not locked out by a guesser in the same network")
    func sameNetwork() throws {
        var guessing = Guessing()
        _ = try guessing.attempt("alice", from: "192.0.2.7", isRight: true)
        for _ in 0..<50 { _ = try guessing.attempt("bob", from: "192.0.2.7") }
        #expect(try guessing.decision("bob", from: "192.0.2.7") == .networkSpent)
        #expect(try guessing.attempt("alice", from: "192.0.2.7", isRight: true) == LoginThrottle.Outcome())
    }

    @Test("D2: the first slip is answered at once, then it takes from one second to thirty")
    func delays() throws {
        var guessing = Guessing()
        var delays: [Duration] = []
        for _ in 0..<20 { delays.append(try guessing.attempt("alice", from: "192.0.2.7")?.delay ?? .zero) }
        #expect(delays[0] == .zero && delays[1] == .zero)
        #expect(delays[2] > .seconds(1) && delays[2] < .seconds(4))
        #expect(zip(delays, delays.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(delays[19] == .seconds(30))
        // What was long ago is forgotten.
        guessing.now += .seconds(120)
        #expect(try guessing.attempt("alice", from: "192.0.2.7")?.delay == .zero)
    }

    @Test("D3: ten names from one network are an alarm, once, and make its answers wait as long as can be")
    func spraying() throws {
        var guessing = Guessing(limit: 100)
        var alarms: [LoginThrottle.Alarm] = []
        for number in 0..<30 {
            let outcome = try #require(try guessing.attempt("user\(number)", from: "192.0.2.7"))
            alarms += outcome.alarms
            if number >= 9 { #expect(outcome.delay == .seconds(30)) }
        }
        #expect(alarms == [.spraying(names: 10)])
        // One name over and over is another matter.
        for _ in 0..<30 {
            let outcome = try guessing.attempt("alice", from: "192.0.2.8")
            #expect(outcome?.alarms == [])
        }
    }

    @Test("D3: failures everywhere are an alarm when they begin and when they end, and wait a little meanwhile")
    func everywhere() throws {
        var guessing = Guessing()
        var alarms: [LoginThrottle.Alarm] = []
        for number in 0..<250 {
            let outcome = try #require(
                try guessing.attempt("user\(number)", from: "10.0.\(number / 200).\(number % 200)"))
            alarms += outcome.alarms
        }
        #expect(alarms == [.manyFailures(perMinute: 200)])
        #expect(try guessing.attempt("alice", from: "192.0.2.7")?.delay == .seconds(5))
        guessing.now += .seconds(60)
        #expect(try guessing.attempt("alice", from: "192.0.2.7", isRight: true)?.alarms == [.fewFailures])
    }

    @Test("It does not grow without bounds, however many networks and names there are")
    func bounds() throws {
        var throttle = LoginThrottle(limit: 20)
        for number in 0..<(LoginThrottle.capacity * 2) {
            let network = try Guessing.network("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")
            guard throttle.begin("user\(number)", from: network, at: .seconds(1)) == .check else { continue }
            _ = throttle.end("user\(number)", from: network, isRight: number % 3 == 0, at: .seconds(1))
        }
        #expect(throttle.size <= 3 * LoginThrottle.capacity + 3)
    }

    @Test("The least limit there is lets one wrong password a minute pass")
    func least() throws {
        var guessing = Guessing(limit: 1)
        #expect(try guessing.attempt("alice", from: "192.0.2.7")?.delay == .seconds(30))
        #expect(try guessing.attempt("alice", from: "192.0.2.7") == nil)
        guessing.now += .seconds(60)
        #expect(try guessing.attempt("alice", from: "192.0.2.7") != nil)
    }
}
