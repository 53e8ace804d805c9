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
            if recipient.attempt > 1, let earlier = try delivered(name, in: folder) { return earlier }
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

    /// Makes the folder of a recipient, and syncs every entry on the way to it.
    private func makeReady(_ folder: String) throws(StorageFault) {
        if ready.withLock({ $0.contains(folder) }) { return }
        if try FileSystem.makeFolder(path) { try FileSystem.syncFolder(path + "/..") }
        _ = try FileSystem.makeFolder(folder)
        for part in ["tmp", "new", "cur"] { _ = try FileSystem.makeFolder("\(folder)/\(part)") }
        try FileSystem.syncFolder(folder)
        try FileSystem.syncFolder(path)
        ready.withLock { ready in
            if ready.count >= Self.rememberedFolders { ready.removeAll() }
            ready.insert(folder)
        }
    }

    /// The file of an earlier attempt: still new, or read by a mail program, which moves it to `cur/NAME:FLAGS`.
    private func delivered(_ name: String, in folder: String) throws(StorageFault) -> String? {
        for part in ["new", "cur"] {
            let found = try FileSystem.names(in: "\(folder)/\(part)").first { $0 == name || $0.hasPrefix(name + ":") }
            guard let found else { continue }
            // Its octets were synced before it got this name, the name perhaps not.
            try FileSystem.syncFolder("\(folder)/\(part)")
            return "\(folder)/\(part)/\(found)"
        }
        return nil
    }
}
