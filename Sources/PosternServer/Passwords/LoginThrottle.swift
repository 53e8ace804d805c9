/// Decides which passwords are checked at all, and how long a wrong one waits for its answer (threats.md D2, D3). Pure:
/// time comes in, and nothing goes out but decisions.
///
/// Guesses are counted where they come from, by network, and at whom they aim, by account; so many a minute are checked,
/// and no more. Nobody else pays for it: a certificate is not asked here, a login that has succeeded from its network is
/// counted by itself from then on, whoever else guesses there or at its account, and a few networks alone cannot use up an
/// account's share.
struct LoginThrottle {
    enum Decision: Hashable, Sendable {
        case check
        /// Too many wrong ones came from there.
        case networkSpent
        /// Too many wrong ones came for this account, from many networks.
        case accountSpent
    }

    enum Alarm: Hashable, Sendable {
        /// One network tries many names.
        case spraying(names: Int)
        /// So many logins fail a minute, from wherever.
        case manyFailures(perMinute: Int)
        case fewFailures
    }

    /// What follows from a checked password.
    struct Outcome: Hashable, Sendable {
        /// How long the answer waits.
        var delay = Duration.zero
        var alarms: [Alarm] = []
    }

    /// Who guesses: a network, or somebody in it who knew the password before.
    private enum Source: Hashable {
        case network(ClientNetwork)
        case known(ClientNetwork, login: Int)
    }

    private struct Guesses {
        var wrong = LeakyCount()
        var underWay = 0
        /// Names that failed since then.
        var names: Set<Int> = []
        var namesSince = Duration.zero
        var isSpraying = false
    }

    /// Distinct names that fail from one network within `sprayingTime`: more than a household forgets at once.
    static let sprayedNames = 10
    static let sprayingTime = Duration.seconds(600)
    static let longestDelay = Duration.seconds(30)
    /// While logins fail everywhere.
    static let alarmDelay = Duration.seconds(5)
    /// How many wrong passwords of one network count for the account that they aim at.
    private static let networkShare = 3.0
    /// Entries of each table. Who fills them has that many networks, or guesses at that many names.
    static let capacity = 50_000

    /// Wrong passwords a minute.
    private let limit: Int
    private var sources: [Source: Guesses] = [:]
    private var accounts: [Int: LeakyCount] = [:]
    private var known: Set<Source> = []
    private var all = LeakyCount()
    private var isAlarmed = false

    /// - Parameter limit: wrong passwords a minute, of a network and of an account.
    init(limit: Int) {
        self.limit = limit
    }

    /// Entries that it holds.
    var size: Int { sources.count + accounts.count + known.count }

    /// Wrong passwords a minute in all that are no everyday matter.
    private var alarmLimit: Int { 10 * limit }

    /// Whether a password may be checked, and notes that it is. Every `.check` is followed by `end`.
    /// - Parameter login: the account that is meant, or the name that is none's.
    mutating func begin(_ login: String, from network: ClientNetwork, at now: Duration) -> Decision {
        let decision = decision(on: login, from: network, at: now)
        if decision == .check { sources[source(of: login, network), default: Guesses()].underWay += 1 }
        return decision
    }

    /// Whether `begin` would let it be checked now.
    func decision(on login: String, from network: ClientNetwork, at now: Duration) -> Decision {
        let source = source(of: login, network)
        let guesses = sources[source] ?? Guesses()
        let wrong = guesses.wrong.level(at: now, limit: limit)
        guard wrong + Double(wrong > 0 ? guesses.underWay : 0) <= Double(limit - 1) else { return .networkSpent }
        guard case .network = source, let aimed = accounts[login.hashValue] else { return .check }
        return aimed.level(at: now, limit: limit) <= Double(limit - 1) ? .check : .accountSpent
    }

    mutating func end(_ login: String, from network: ClientNetwork, isRight: Bool, at now: Duration) -> Outcome {
        let source = source(of: login, network)
        var guesses = sources[source] ?? Guesses()
        guesses.underWay = max(0, guesses.underWay - 1)
        guard !isRight else {
            sources[source] = guesses.underWay > 0 || guesses.wrong.level(at: now, limit: limit) > 0 ? guesses : nil
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known.insert(.known(network, login: login.hashValue))
            return Outcome(alarms: alarmsOfAll(at: now))
        }
        aim(at: login, by: source, guesses, at: now)
        guesses.wrong.add(1, at: now, limit: limit)
        all.add(1, at: now, limit: alarmLimit)
        var outcome = Outcome()
        if let names = noteName(login, &guesses, at: now) { outcome.alarms.append(.spraying(names: names)) }
        sources[source] = guesses
        outcome.alarms += alarmsOfAll(at: now)
        outcome.delay = delay(after: guesses, at: now)
        if max(sources.count, accounts.count) > Self.capacity { sweep(at: now) }
        return outcome
    }

    private func source(of login: String, _ network: ClientNetwork) -> Source {
        let known = Source.known(network, login: login.hashValue)
        return self.known.contains(known) ? known : .network(network)
    }

    private mutating func aim(at login: String, by source: Source, _ guesses: Guesses, at now: Duration) {
        guard case .network = source, guesses.wrong.level(at: now, limit: limit) < Self.networkShare else { return }
        accounts[login.hashValue, default: LeakyCount()].add(1, at: now, limit: limit)
    }

    /// - Returns: how many names there are, where they have just become too many.
    private func noteName(_ login: String, _ guesses: inout Guesses, at now: Duration) -> Int? {
        if now - guesses.namesSince > Self.sprayingTime {
            (guesses.names, guesses.namesSince, guesses.isSpraying) = ([], now, false)
        }
        guard !guesses.isSpraying else { return nil }
        guesses.names.insert(login.hashValue)
        guard guesses.names.count >= Self.sprayedNames else { return nil }
        guesses.isSpraying = true
        defer { guesses.names = [] }
        return guesses.names.count
    }

    private mutating func alarmsOfAll(at now: Duration) -> [Alarm] {
        let level = all.level(at: now, limit: alarmLimit)
        if !isAlarmed, level >= Double(alarmLimit) - 1 {
            isAlarmed = true
            return [.manyFailures(perMinute: alarmLimit)]
        }
        if isAlarmed, level < Double(alarmLimit) / 2 {
            isAlarmed = false
            return [.fewFailures]
        }
        return []
    }

    /// None for the first slip, a second for the next, and thirty where the limit is near.
    private func delay(after guesses: Guesses, at now: Duration) -> Duration {
        if guesses.isSpraying { return Self.longestDelay }
        let level = guesses.wrong.level(at: now, limit: limit)
        let free = Double(limit) / 10
        let least = isAlarmed ? Self.alarmDelay : .zero
        guard level > min(free, Double(limit) - 1) || limit == 1 else { return least }
        let share = limit == 1 ? 1 : min(1, (level - free) / (Double(limit) - free))
        return max(least, .seconds(1) + (Self.longestDelay - .seconds(1)) * share)
    }

    /// Forgets whom nothing is held against any more; where all that are left are guessing, all of them, rather than to
    /// grow.
    private mutating func sweep(at now: Duration) {
        sources = sources.filter { $0.value.underWay > 0 || $0.value.wrong.level(at: now, limit: limit) > 0 }
        accounts = accounts.filter { $0.value.level(at: now, limit: limit) > 0 }
        if sources.count > Self.capacity { sources.removeAll(keepingCapacity: true) }
        if accounts.count > Self.capacity { accounts.removeAll(keepingCapacity: true) }
    }
}
