import Glibc
import NIOCore
import PosternMail
import PosternQueue
import Synchronization

/// A folder with a Maildir for each recipient. Every call blocks.
final class MaildirTree: Sendable {
    enum Failure: Error {
        case storage(StorageFault)
        case body(QueueError)
    }

    /// Beyond this many recipients their folders are looked at anew.
    private static let rememberedFolders = 10_000

    private let path: String
    /// Recipients' folders whose entries this process has synced, so that each is made and synced once.
    private let ready = Mutex(Set<String>())

    init(path: String) {
        self.path = path
    }

    /// Stores a message for a recipient: `tmp/NAME`, written and synced, becomes `new/NAME`, and the folder is synced.
    /// - Returns: the path of the file.
    func write(
        _ message: QueuedMessage, _ body: StoredBody, to recipient: ClaimedRecipient
    ) throws(Failure) -> String {
        let folder = "\(path)/\(MaildirName.folder(for: recipient.mailbox))"
        let name = MaildirName.file(id: message.id, received: message.received)
        do throws(StorageFault) {
            try makeReady(folder)
            // An earlier attempt may have got this far and died before its settlement.
            if recipient.attempt > 1, let earlier = try read(name, in: folder) { return earlier }
        } catch {
            throw .storage(error)
        }
        do throws(Failure) {
            return try write(message, body, name: name, in: folder)
        } catch {
            // Somebody may have removed the Maildir while we ran: the next attempt makes it again.
            _ = ready.withLock { $0.remove(folder) }
            throw error
        }
    }

    private func write(
        _ message: QueuedMessage, _ body: StoredBody, name: String, in folder: String
    ) throws(Failure) -> String {
        let draft = "\(folder)/tmp/\(name)"
        let target = "\(folder)/new/\(name)"
        do throws(Failure) {
            try MaildirFile.write(message, body, to: draft)
            do throws(StorageFault) {
                try FileSystem.rename(draft, to: target)
                try FileSystem.syncFolder("\(folder)/new")
            } catch {
                throw .storage(error)
            }
            return target
        } catch {
            // The error that we report is the first; a draft that stays is overwritten by the next attempt.
            _ = unlink(draft)
            throw error
        }
    }

    private static let parts = ["tmp", "new", "cur"]

    /// Makes the folder of a recipient, and syncs every entry on the way to it.
    private func makeReady(_ folder: String) throws(StorageFault) {
        if ready.withLock({ $0.contains(folder) }) { return }
        do throws(StorageFault) {
            try makeAndSync(folder)
        } catch {
            // Another sync would say nothing of what this one may have lost: whatever holds nothing yet is made anew.
            for path in Self.parts.map({ "\(folder)/\($0)" }) + [folder, path] { _ = rmdir(path) }
            throw error
        }
        ready.withLock { ready in
            if ready.count >= Self.rememberedFolders { ready.removeAll() }
            ready.insert(folder)
        }
    }

    private func makeAndSync(_ folder: String) throws(StorageFault) {
        _ = try FileSystem.makeFolder(path)
        // Who made it earlier may have come no further.
        if try FileSystem.names(in: path).isEmpty { try FileSystem.syncFolder(path + "/..") }
        _ = try FileSystem.makeFolder(folder)
        for part in Self.parts { _ = try FileSystem.makeFolder("\(folder)/\(part)") }
        try FileSystem.syncFolder(folder)
        try FileSystem.syncFolder(path)
    }

    /// The file of an earlier attempt that a mail program has read, and moved to `cur/NAME:FLAGS`. One that is still new is
    /// replaced instead: if the sync of its folder failed, another one would say nothing of what that one lost.
    private func read(_ name: String, in folder: String) throws(StorageFault) -> String? {
        let found = try FileSystem.names(in: "\(folder)/cur").first { $0 == name || $0.hasPrefix(name + ":") }
        guard let found else { return nil }
        // Its octets were synced before it got this name, the name perhaps not.
        try FileSystem.syncFolder("\(folder)/cur")
        return "\(folder)/cur/\(found)"
    }
}
