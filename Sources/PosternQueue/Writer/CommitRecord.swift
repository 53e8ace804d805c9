/// A commit that has reached stable storage.
public struct CommitRecord: Hashable, Sendable {
    /// From the first sync to the end of the commit.
    public let took: Duration
}
