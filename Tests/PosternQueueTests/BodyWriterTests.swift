import Glibc
import NIOCore
import PosternMail
import PosternQueue
import Testing

@Suite("Bodies")
struct BodyWriterTests {
    private let folder: ScratchFolder
    private let bodies: BodyFolder
    private let id = QueueID.sample(1)

    init() throws {
        folder = try ScratchFolder()
        bodies = BodyFolder(path: folder.path)
    }

    private var files: [String] {
        get throws { try FileSystem.names(in: folder.path) }
    }

    @Test("up to the limit a body stays in memory, one octet more makes a file of mode 0600")
    func limit() throws {
        let writer = bodies.writer(for: id)
        let octets = largeOctets(MessageBody.inlineLimit)
        #expect(writer.appendInMemory(octets))
        #expect(!writer.appendInMemory(ByteBuffer(string: "x")))
        #expect(try files == [])
        try writer.append(ByteBuffer(string: "x"))
        #expect(try files == [id.description])
        let body = try writer.finish()
        guard case .file(let file) = body else {
            Issue.record("a body over the limit is a file")
            return
        }
        #expect(file.length == MessageBody.inlineLimit + 1)
        #expect(try FileSystem.mode(of: file.path) == 0o600)
    }

    @Test("a body at the limit is inline and is what was appended")
    func inline() throws {
        let writer = bodies.writer(for: id)
        let octets = largeOctets(MessageBody.inlineLimit)
        var rest = octets
        while let piece = rest.readSlice(length: min(1000, max(1, rest.readableBytes))) { try writer.append(piece) }
        guard case .inline(let held) = try writer.finish() else {
            Issue.record("a body at the limit is in memory")
            return
        }
        #expect(held == octets)
    }

    @Test("a file holds the octets in their order, however they were cut", arguments: [1 << 12, 1 << 16, 1 << 18])
    func file(cut: Int) throws {
        let octets = largeOctets(3 * MessageBody.inlineLimit + 17)
        let writer = bodies.writer(for: id)
        var rest = octets
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(cut, rest.readableBytes)) {
            try writer.append(piece)
        }
        guard case .file(let file) = try writer.finish() else {
            Issue.record("a body over the limit is a file")
            return
        }
        #expect(try StoredBody.file(id: id, path: file.path, length: file.length).octets() == octets)
    }

    @Test("discarding removes the file: of the writer, of the body, and of either when it is let go")
    func discard() throws {
        let writer = bodies.writer(for: id)
        try writer.append(largeOctets())
        writer.discard()
        #expect(try files == [])
        #expect(throws: QueueError.bodyClosed(id)) { try writer.append(ByteBuffer(string: "x")) }
        #expect(throws: QueueError.bodyClosed(id)) { try writer.finish() }

        try bodies.body(largeOctets(), for: id).discard()
        #expect(try files == [])
        do { try bodies.writer(for: id).append(largeOctets()) }
        #expect(try files == [])
        do { _ = try bodies.body(largeOctets(), for: id) }
        #expect(try files == [])
    }

    @Test("a write that fails refuses the body, then and at each later call")
    func failure() throws {
        let writer = BodyFolder(path: folder.path + "/missing").writer(for: id)
        for _ in 1...2 {
            #expect {
                try writer.append(largeOctets())
            } throws: { error in
                guard case QueueError.failed(let fault) = error else { return false }
                return fault.operation == "open"
            }
        }
        #expect(throws: QueueError.self) { try writer.finish() }
    }

    @Test("a full disk is told from a broken one")
    func fullDisk() throws {
        // The device that is always full.
        let descriptor = try FileSystem.open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        do throws(StorageFault) {
            try FileSystem.write(largeOctets(), to: descriptor, path: "/dev/full")
            Issue.record("nothing fits on a full disk")
        } catch {
            #expect(QueueError(error) == .full(error))
            #expect(error.description == "write /dev/full: No space left on device (28)")
        }
        let broken = StorageFault(operation: "write", path: "/", code: EIO)
        #expect(QueueError(broken) == .failed(broken))
    }

    @Test("a file that exists is not written over")
    func exclusive() throws {
        let first = bodies.writer(for: id)
        try first.append(largeOctets())
        #expect {
            try bodies.writer(for: id).append(largeOctets())
        } throws: { error in
            guard case QueueError.failed(let fault) = error else { return false }
            return fault.operation == "open"
        }
        #expect(try files == [id.description])
    }

    @Test("a body that is missing, too short or too long says so when it is read")
    func damagedFile() throws {
        let body = try bodies.body(largeOctets(), for: id)
        guard case .file(let file) = body else { return }
        for wrong in [file.length - 1, file.length + 1] {
            #expect {
                try StoredBody.file(id: id, path: file.path, length: wrong).octets()
            } throws: { error in
                guard case QueueError.damaged(_, .bodyLength(wrong, _)) = error else { return false }
                return true
            }
        }
        body.discard()
        #expect(throws: QueueError.damaged(id, .bodyMissing(path: file.path))) {
            try StoredBody.file(id: id, path: file.path, length: file.length).octets()
        }
    }
}
