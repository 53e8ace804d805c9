import Glibc
import NIOCore
import PosternMail
import PosternQueue
import Testing

/// A folder that is gone after the test.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/postern-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    static func remove(_ path: String) {
        for name in (try? FileSystem.names(in: path)) ?? [] { remove("\(path)/\(name)") }
        if unlink(path) != 0 { rmdir(path) }
    }
}

/// A store in a scratch folder. Let go of it, and the folder with its lock is free for the next one.
struct Fixture {
    let state: StateDirectory
    let store: SQLiteStore

    init(_ folder: ScratchFolder) throws {
        state = try StateDirectory(path: folder.path + "/state")
        store = try SQLiteStore(in: state)
    }
}

extension Timestamp {
    /// Some moment from which tests count in seconds.
    static func after(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_800_000_000 + seconds) }
}

extension NewMessage {
    /// Message number `number`, received `number` seconds after the moment from which tests count.
    static func sample(
        _ number: Int, to recipients: [String] = ["bob@example.net"], from: String? = "alice@example.org",
        body: MessageBody? = nil
    ) throws -> NewMessage {
        let reversePath = try from.map { ReversePath.mailbox(try #require(Mailbox($0))) } ?? .null
        let mailboxes = try recipients.map { try #require(Mailbox($0)) }
        return NewMessage(
            id: .sample(number),
            envelope: try #require(Envelope(reversePath: reversePath, recipients: mailboxes, body: .eightBit)),
            body: body ?? .inline(ByteBuffer(string: "Subject: \(number)\r\n\r\nHello\r\n")),
            received: .after(Int64(number)), account: "alice", authentication: "AUTH EXTERNAL")
    }
}

extension QueueID {
    static func sample(_ number: Int) -> QueueID {
        QueueID(time: .after(Int64(number)), random: UInt64(number))
    }
}

/// Octets that make a body too large for a row.
func largeOctets(_ count: Int = MessageBody.inlineLimit + 1) -> ByteBuffer {
    let pattern = Array(UInt8(0)...250)
    var octets = ByteBuffer()
    while octets.readableBytes < count { octets.writeBytes(pattern.prefix(count - octets.readableBytes)) }
    return octets
}

extension BodyFolder {
    func body(_ octets: ByteBuffer, for id: QueueID) throws -> MessageBody {
        let writer = writer(for: id)
        try writer.append(octets)
        return try writer.finish()
    }
}

extension StoredBody {
    func octets() throws -> ByteBuffer {
        var reader = try reader()
        var all = ByteBuffer()
        while let piece = try reader.next() { all.writeImmutableBuffer(piece) }
        return all
    }
}

extension FileSystem {
    /// The permissions of a file.
    static func mode(of path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    static func write(_ text: String, to path: String) throws {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC)
        try write(ByteBuffer(string: text), to: descriptor, path: path)
        try close(descriptor, path: path)
    }
}
