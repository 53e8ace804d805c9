import Glibc
import NIOCore
public import PosternMail

/// Messages that are kept until they can be sent: a folder with a file for each, its envelope at its head.
///
/// `queue/ID` waits, `failed/ID` was refused for good, `state/ID` says what has become of it so far, `tmp/` is what is
/// being written. A message is in `queue/` with all its octets on stable storage, or not at all. Who sends one holds the
/// lock of its file, so any number of processes may work here.
public struct Spool: Sendable {
    public let folder: String

    /// Makes the folders that are missing.
    public init(at folder: String) throws(FileFault) {
        self.init(lookingAt: folder)
        for name in ["queue", "failed", "state", "tmp"] { try SpoolFolder.make("\(folder)/\(name)") }
    }

    /// For a list alone, which makes nothing.
    public init(lookingAt folder: String) {
        self.folder = folder
    }

    /// Keeps a message. When it returns, the message survives whatever becomes of the machine.
    public func keep(_ message: SpooledMessage, _ content: StagedContent) throws(FileFault) {
        let path = "\(folder)/tmp/\(message.id)"
        let target = "\(folder)/queue/\(message.id)"
        do throws(FileFault) {
            try write(message, content, to: path)
            try reserve(for: message)
            try SpoolFolder.rename(path, to: target)
            try SpoolFolder.sync("\(folder)/queue")
        } catch {
            // Whoever is told that it failed tries again: it must not be here too.
            for path in [path, target, "\(folder)/state/\(message.id)"] { unlink(path) }
            throw error
        }
    }

    /// Room for the notes. On a disk that has filled up since, what is kept can still be sent, and that makes room.
    private func reserve(for message: SpooledMessage) throws(FileFault) {
        let path = "\(folder)/state/\(message.id)"
        let file = try SpoolFolder.open(path, O_WRONLY | O_CREAT)
        let names = message.envelope.recipients.reduce(0) { $0 + "\($1.mailbox)".utf8.count + 8 }
        let code = posix_fallocate(file.number, 0, off_t(4_096 + names))
        guard code == 0 else { throw FileFault("posix_fallocate", path, code: code) }
    }

    private func write(_ message: SpooledMessage, _ content: StagedContent, to path: String) throws(FileFault) {
        let head = message.head
        guard head.count <= SpoolClaim.headLimit else { throw FileFault("write", path, code: EFBIG) }
        let file = try SpoolFolder.open(path, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(head)
        var offset = 0
        while offset < content.count {
            let piece = try content.piece(at: offset)
            guard piece.readableBytes > 0 else { throw FileFault("read", "the message") }
            try file.write(Array(piece.readableBytesView))
            offset += piece.readableBytes
        }
        try SpoolFolder.syncData(file, path)
    }

    /// A message and what has become of it, for a list.
    public struct Entry: Sendable {
        public let message: SpooledMessage
        public let notes: SpoolNotes
        public let isFailed: Bool
        /// Whether a process holds it.
        public let isHeld: Bool
    }

    /// Everything that is here, in the order of its coming, and the names of files that are damaged.
    public func list() throws(FileFault) -> (entries: [Entry], damaged: [String]) {
        guard SpoolFolder.exists(folder) else { return ([], []) }
        var entries: [Entry] = []
        var damaged: [String] = []
        for (name, isFailed) in [("queue", false), ("failed", true)] {
            for id in try SpoolFolder.names(in: "\(folder)/\(name)") {
                let path = "\(folder)/\(name)/\(id)"
                // It may have been sent since the folder was read.
                guard let file = try? SpoolFolder.open(path, O_RDONLY) else { continue }
                guard let message = try SpoolClaim.head(of: file)?.message, "\(message.id)" == id else {
                    damaged.append(path)
                    continue
                }
                entries.append(
                    Entry(
                        message: message, notes: notes(of: message.id), isFailed: isFailed,
                        isHeld: SpoolFolder.isHeld(file)))
            }
        }
        return (entries, damaged)
    }

    /// The names of what waits, as they stand in the folder.
    public func waiting() throws(FileFault) -> [String] {
        try SpoolFolder.names(in: "\(folder)/queue")
    }

    /// What came of taking a message.
    public enum Taking: Sendable {
        case taken(SpoolClaim)
        /// Another process has it.
        case busy(SpooledMessage?)
        /// It was sent, or moved away.
        case gone
        /// It cannot be sent as it is, and why.
        case damaged(String)
    }

    /// Takes a message for sending.
    public func claim(_ name: String) -> Taking {
        do throws(FileFault) {
            switch try SpoolFolder.lock("\(folder)/queue/\(name)") {
            case .gone: return .gone
            case .held(let file): return .busy(try SpoolClaim.head(of: file)?.message)
            case .locked(let file): return try claim(name, file)
            }
        } catch {
            return .damaged("\(error)")
        }
    }

    private func claim(_ name: String, _ file: OwnedDescriptor) throws(FileFault) -> Taking {
        guard let head = try SpoolClaim.head(of: file) else { return .damaged("its head is not understood") }
        guard "\(head.message.id)" == name else { return .damaged("it holds the message \(head.message.id)") }
        var claim = SpoolClaim(self, head.message, file, contentStart: head.length, notes(of: head.message.id))
        claim.allowAgain()
        return .taken(claim)
    }

    /// What processes that ended in the middle have left, and notes on messages that somebody has removed. Nobody writes
    /// for an hour.
    public func removeLeftovers() throws(FileFault) {
        for name in try SpoolFolder.names(in: "\(folder)/tmp") { try removeOld("\(folder)/tmp/\(name)") }
        for name in try SpoolFolder.names(in: "\(folder)/state") {
            let places = ["queue", "failed"].map { "\(folder)/\($0)/\(name)" }
            if !places.contains(where: SpoolFolder.exists) { try removeOld("\(folder)/state/\(name)") }
        }
    }

    private func removeOld(_ path: String) throws(FileFault) {
        if let age = SpoolFolder.age(path), age > 3_600 { try SpoolFolder.remove(path) }
    }

    func notes(of id: QueueID) -> SpoolNotes {
        guard let file = try? SpoolFolder.open("\(folder)/state/\(id)", O_RDONLY), let length = try? file.length(),
            let octets = try? file.contents(length)
        else { return SpoolNotes() }
        return SpoolNotes(reading: octets)
    }

    func write(_ notes: SpoolNotes, of id: QueueID) throws(FileFault) {
        do throws(FileFault) {
            try replace(notes, of: id)
        } catch {
            unlink("\(folder)/tmp/\(id).state")
            guard error.isOfSpace else { throw error }
            try overwrite(notes, of: id)
        }
    }

    /// In the room that was reserved: better torn by a power cut than not there.
    func overwrite(_ notes: SpoolNotes, of id: QueueID) throws(FileFault) {
        let path = "\(folder)/state/\(id)"
        let file = try SpoolFolder.open(path, O_WRONLY)
        let octets = notes.octets
        let rest = max(0, try file.length() - octets.count)
        try file.write(octets + [UInt8](repeating: .lineFeed, count: rest))
        try SpoolFolder.syncData(file, path)
    }

    private func replace(_ notes: SpoolNotes, of id: QueueID) throws(FileFault) {
        let path = "\(folder)/tmp/\(id).state"
        unlink(path)
        let file = try SpoolFolder.open(path, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(notes.octets)
        try SpoolFolder.syncData(file, path)
        try SpoolFolder.rename(path, to: "\(folder)/state/\(id)")
        try SpoolFolder.sync("\(folder)/state")
    }
}

/// A message of the spool in the hands of the one process that sends it, for as long as this value lives.
public struct SpoolClaim: Sendable {
    public let message: SpooledMessage
    public private(set) var notes: SpoolNotes
    private let spool: Spool
    private let file: OwnedDescriptor
    private let contentStart: Int

    init(_ spool: Spool, _ message: SpooledMessage, _ file: OwnedDescriptor, contentStart: Int, _ notes: SpoolNotes) {
        self.spool = spool
        self.message = message
        self.file = file
        self.contentStart = contentStart
        self.notes = notes
    }

    public var content: StagedContent { StagedContent(.file(file, offset: contentStart), of: message) }

    /// The envelope for those who have not got it yet; nil where there are none.
    public var envelope: Envelope? {
        message.envelope.narrowed(to: message.envelope.recipients.filter { !notes.done.contains($0.mailbox) })
    }

    /// Where nobody waits and somebody was refused, it was in `failed/`, and somebody has moved it back: to try it again.
    mutating func allowAgain() {
        guard envelope == nil else { return }
        notes.done.subtract(notes.refused.keys)
        notes.refused = [:]
    }

    /// A try begins. If this process ends before it says how it went, the next one knows that it cannot know.
    public mutating func begin(at now: Timestamp) throws(FileFault) {
        notes.tries += 1
        notes.lastTry = now
        notes.isUnderWay = true
        try spool.write(notes, of: message.id)
    }

    /// The try has ended, and somebody is still to get it.
    public mutating func wait(reason: String, done: [Mailbox], refused: [Mailbox: String]) throws(FileFault) {
        note(reason: reason, done: done, refused: refused)
        try spool.write(notes, of: message.id)
    }

    /// Nobody is to get it any more. It goes, or where somebody was refused it is kept in `failed/` with the reason.
    public mutating func finish(reason: String, done: [Mailbox], refused: [Mailbox: String]) throws(FileFault) {
        note(reason: reason, done: done, refused: refused)
        let path = "\(spool.folder)/queue/\(message.id)"
        if notes.refused.isEmpty {
            try SpoolFolder.remove(path)
            try SpoolFolder.sync("\(spool.folder)/queue")
            try SpoolFolder.remove("\(spool.folder)/state/\(message.id)")
        } else {
            try spool.write(notes, of: message.id)
            try SpoolFolder.rename(path, to: "\(spool.folder)/failed/\(message.id)")
            try SpoolFolder.sync("\(spool.folder)/failed")
            try SpoolFolder.sync("\(spool.folder)/queue")
        }
    }

    private mutating func note(reason: String, done: [Mailbox], refused: [Mailbox: String]) {
        notes.isUnderWay = false
        notes.reason = reason
        notes.done.formUnion(done)
        notes.done.formUnion(refused.keys)
        notes.refused.merge(refused) { _, newer in newer }
    }

    /// The head is at most so long: half a million recipients.
    static let headLimit = 1 << 26

    /// Nil where the file is none of a message, or not whole.
    static func head(of file: OwnedDescriptor) throws(FileFault) -> (message: SpooledMessage, length: Int)? {
        let length = try file.length()
        var size = 1 << 16
        while true {
            let octets = try file.contents(size)
            guard SpooledMessage.begins(octets) else { return nil }
            if let end = SpooledMessage.headLength(octets) {
                guard let head = SpooledMessage.reading(octets, headLength: end), length == end + head.count else {
                    return nil
                }
                return (head, end)
            }
            guard size < length, size < headLimit else { return nil }
            size *= 4
        }
    }
}

extension OwnedDescriptor {
    /// The first octets of a file.
    func contents(_ limit: Int) throws(FileFault) -> [UInt8] {
        try read(min(limit, try length()), at: 0)
    }

    func length() throws(FileFault) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileFault("fstat", "the message") }
        return Int(status.st_size)
    }
}
