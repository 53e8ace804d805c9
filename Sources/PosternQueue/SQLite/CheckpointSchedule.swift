import Synchronization

/// Says when the log has grown enough to be worth moving into the database.
final class CheckpointSchedule: Sendable {
    /// Octets. A checkpoint costs two syncs; every 4 MiB it does not show in messages per second (measured).
    static let usualInterval = 4 << 20

    let interval: Int
    private let octets: Mutex<Int>

    /// - Parameters:
    ///   - disk: octets of the file system. On a small one the log stays small too.
    ///   - written: octets of the log that an earlier process left behind; else it would grow with each that is killed.
    init(disk: Int, written: Int) {
        interval = min(Self.usualInterval, max(disk / 16, 256 << 10))
        octets = Mutex(written)
    }

    /// Notes what a transaction has written, roughly.
    func add(octets count: Int) {
        octets.withLock { $0 += count }
    }

    /// Whether it is time; asking starts the next interval.
    var isDue: Bool {
        octets.withLock { octets in
            guard octets >= interval else { return false }
            octets = 0
            return true
        }
    }
}
