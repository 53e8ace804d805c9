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
        self.folder = folder
        for name in ["queue", "failed", "state", "tmp"] { try SpoolFolder.make("\(folder)/\(name)") }
    }

    /// Keeps a message. When it returns, the message survives whatever becomes of the machine.
    public func keep(_ message: SpooledMessage, _ content: StagedContent) throws(FileFault) {
        let path = "\(folder)/tmp/\(message.id)"
        do throws(FileFault) {
            try write(message, content, to: path)
            try SpoolFolder.rename(path, to: "\(folder)/queue/\(message.id)")
        } catch {
            unlink(path)
            throw error
        }
        try SpoolFolder.sync("\(folder)/queue")
    }

    private func write(_ message: SpooledMessage, _ content: StagedContent, to path: String) throws(FileFault) {
        let file = try SpoolFolder.open(path, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(message.head)
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
    }

    /// Everything that is here, in the order of its coming, and the names of files that are damaged.
    public func list() throws(FileFault) -> (entries: [Entry], damaged: [String]) {
        var entries: [Entry] = []
        var damaged: [String] = []
        for (name, isFailed) in [("queue", false), ("failed", true)] {
            for id in try SpoolFolder.names(in: "\(folder)/\(name)") {
                let path = "\(folder)/\(name)/\(id)"
                // It may have been sent since the folder was read.
                guard let file = try? SpoolFolder.open(path, O_RDONLY) else { continue }
                guard let message = try SpoolClaim.head(of: file)?.message else {
                    damaged.append(path)
                    continue
                }
                entries.append(Entry(message: message, notes: notes(of: message.id), isFailed: isFailed))
            }
        }
        return (entries, damaged)
    }

    /// The ids of what waits.
    public func waiting() throws(FileFault) -> [QueueID] {
        try SpoolFolder.names(in: "\(folder)/queue").compactMap { QueueID($0) }
    }

    /// Takes a message for sending; nil where another process has it, or it is damaged.
    public func claim(_ id: QueueID) throws(FileFault) -> SpoolClaim? {
        guard let file = try SpoolFolder.lock("\(folder)/queue/\(id)"), let head = try SpoolClaim.head(of: file),
            try file.length() == head.length + head.message.count
        else { return nil }
        return SpoolClaim(self, head.message, file, contentStart: head.length, notes(of: id))
    }

    /// What processes that ended in the middle of keeping a message have left. Nobody writes for an hour.
    public func removeLeftovers() throws(FileFault) {
        for folder in ["\(folder)/tmp"] {
            for name in try SpoolFolder.names(in: folder) {
                if let age = SpoolFolder.age("\(folder)/\(name)"), age > 3_600 {
                    try SpoolFolder.remove("\(folder)/\(name)")
                }
            }
        }
    }

    func notes(of id: QueueID) -> SpoolNotes {
        guard let file = try? SpoolFolder.open("\(folder)/state/\(id)", O_RDONLY),
            let octets = try? file.contents(1 << 20)
        else { return SpoolNotes() }
        return SpoolNotes(reading: octets)
    }

    func write(_ notes: SpoolNotes, of id: QueueID) throws(FileFault) {
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
        let envelope = message.envelope
        return Envelope(
            reversePath: envelope.reversePath,
            recipients: envelope.recipients.filter { !notes.done.contains($0.mailbox) },
            body: envelope.body, returnedContent: envelope.returnedContent, id: envelope.id)
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

    /// The head is at most so long: a thousand recipients with all that may be said of each.
    private static let headLimit = 1 << 20

    static func head(of file: OwnedDescriptor) throws(FileFault) -> (message: SpooledMessage, length: Int)? {
        SpooledMessage.reading(try file.contents(headLimit))
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
