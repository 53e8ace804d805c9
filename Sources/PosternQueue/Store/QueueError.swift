public import PosternMail

/// Why the queue did not do what it was asked.
public enum QueueError: Error, Hashable, Sendable {
    /// No room on the disk, or no file descriptor left. Nothing was stored; the queue goes on and may have room later.
    case full(StorageFault)
    /// A write, a sync or a commit failed. What is on the disk is no longer known: the writer has ended for good, and
    /// so must the process. A sync is never tried twice, since the kernel may have forgotten the octets of the first.
    case failed(StorageFault)
    /// The writer has ended, because it was told to or for the fault given.
    case stopped(StorageFault?)
    /// The id is in the queue already.
    case duplicate(QueueID)
    /// The claim is not the store's newest for these recipients: another has it, or it was settled.
    case claimLost(QueueID)
    /// A settlement must name an outcome for each recipient of its claim.
    case outcomesMissing(QueueID, expected: Int, found: Int)
    /// The body was discarded, or finished, before.
    case bodyClosed(QueueID)
    case damaged(QueueID, Damage)
}

extension QueueError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full(let fault):
            "\(fault); \(fault.concernsDescriptors ? "raise the limit of open files" : "free space there"), then try again"
        case .failed(let fault): "\(fault); look at the disk and the kernel's log, then start again"
        case .stopped(nil): "the queue takes nothing more: the process is ending"
        case .stopped(let fault?): "the queue has ended after a fault of the storage: \(fault)"
        case .duplicate(let id): "there is a message \(id) in the queue already"
        case .claimLost(let id): "the claim on \(id) is not valid any more"
        case .outcomesMissing(let id, let expected, let found):
            "the settlement of \(id) has \(found) outcomes for \(expected) recipients"
        case .bodyClosed(let id): "the body of \(id) was finished or discarded before"
        case .damaged(let id, let damage): "message \(id) is damaged: \(damage)"
        }
    }

    /// Whether one piece of work is to blame, so that others in the same transaction need not fail with it.
    var concernsOneItem: Bool {
        switch self {
        case .duplicate, .claimLost, .outcomesMissing, .bodyClosed, .damaged: true
        case .full, .failed, .stopped: false
        }
    }
}
