public import PosternQueue

/// What is kept free on the disk of the queue: enough for the messages that are under way, and for the deliveries that
/// make room again.
public struct DiskReserve: Hashable, Sendable {
    /// A twentieth of a large disk is more than any queue needs.
    private static let largestShare = 10 << 30

    public let octets: Int
    /// Of the disk, up to 10 GiB; the greater of the two counts.
    public let percent: Int

    public init(octets: Int, percent: Int) {
        self.octets = octets
        self.percent = percent
    }

    /// Of files a twentieth is kept.
    public func isKept(by space: DiskSpace) -> Bool {
        let share = min(space.octets / 100 * percent, Self.largestShare)
        return space.free >= max(octets, share) && (space.files == 0 || space.freeFiles > space.files / 20)
    }
}
