/// Who delivers: it takes new messages straight from their commit, without asking the store for them.
public protocol CommitListener: Sendable {
    /// Asked before a commit, on the writer's thread; must not block.
    /// - Parameter count: new messages in it.
    /// - Returns: how many of them, at most `count`, are to be claimed with the commit.
    func reserve(_ count: Int) -> Int

    /// Told after it, on the writer's thread; must not block. If the commit failed there are no claims.
    /// - Parameters:
    ///   - claims: at most as many as were reserved.
    ///   - reserved: what `reserve` had returned, which ends with this call.
    ///   - unclaimed: new messages beyond them, due now.
    func committed(_ claims: [Claim], reserved: Int, unclaimed: Int)
}
