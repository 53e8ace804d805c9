import Glibc
public import PosternQueue

/// `maildir:DIR` delivers each recipient into a Maildir of its own: `DIR/local@domain/{tmp,new,cur}`.
public struct MaildirRoute: Route {
    public let name = "maildir"
    private let tree: MaildirTree

    /// - Parameter path: the folder that holds the Maildirs; made with the first delivery, if its parent is there.
    public init(path: String) {
        tree = MaildirTree(path: path)
    }

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        let tree = tree
        return await BlockingWork.run {
            let stored: StoredBody
            do throws(QueueError) {
                stored = try body.stored()
            } catch {
                return claim.recipients.map { _ in .deferred(DeliveryFailure(unreadable: error)) }
            }
            return claim.recipients.map { tree.deliver(claim.message, stored, to: $0) }
        }
    }
}

extension MaildirTree {
    fileprivate func deliver(
        _ message: QueuedMessage, _ body: StoredBody, to recipient: ClaimedRecipient
    ) -> RouteOutcome {
        do throws(Failure) {
            return .delivered(to: try write(message, body, to: recipient))
        } catch {
            switch error {
            case .storage(let fault): return .deferred(DeliveryFailure(fault))
            case .body(let error): return .deferred(DeliveryFailure(unreadable: error))
            }
        }
    }
}

extension DeliveryFailure {
    fileprivate init(_ fault: StorageFault) {
        let (code, advice) =
            switch fault.code {
            case ENOSPC: ("4.3.1", "free space or inodes on that file system")
            case EDQUOT: ("4.2.2", "raise the quota there, or remove mail")
            case EACCES, EPERM: ("4.3.5", "let the user that runs postern write there")
            case EROFS: ("4.3.5", "mount that file system for writing")
            case ENOENT, ENOTDIR: ("4.3.5", "make the parent folder, or correct the path of the next hop")
            default: ("4.3.0", "look at that file system and the kernel's log")
            }
        self.init(code: code, reason: "\(fault); \(advice)")
    }
}
