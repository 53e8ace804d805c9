import Glibc
import NIOCore
import PosternMail
import Testing

@testable import PosternQueue

@Suite("State folder")
struct StateDirectoryTests {
    private let folder: ScratchFolder
    private var path: String { folder.path + "/state" }

    init() throws {
        folder = try ScratchFolder()
    }

    @Test("it and what is in it are for its owner alone")
    func modes() throws {
        let fixture = try Fixture(folder)
        _ = try fixture.store.transaction { try $0.enqueue(try .sample(1), claiming: false) }
        for (name, mode) in [
            ("", 0o700), ("/lock", 0o600), ("/bodies", 0o700), ("/set-aside", 0o700), ("/queue.sqlite", 0o600),
            ("/queue.sqlite-wal", 0o600),
        ] {
            #expect(try FileSystem.mode(of: path + name) == mode, "\(name)")
        }
    }

    @Test("a second holder is told who has it, and gets it when that one has let go")
    func lock() throws {
        do {
            let first = try StateDirectory(path: path)
            #expect(throws: StateDirectoryError.held(path: path, by: getpid())) { try StateDirectory(path: path) }
            withExtendedLifetime(first) {}
        }
        _ = try StateDirectory(path: path)
    }

    @Test("a file is written again, octet for octet, in its place; one that is not there is not made")
    func writtenAgain() throws {
        let file = folder.path + "/log"
        let descriptor = try FileSystem.open(file, O_WRONLY | O_CREAT)
        let octets = ByteBuffer(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        try FileSystem.write(octets, to: descriptor, path: file)
        let longAgo = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        #expect(futimens(descriptor, longAgo) == 0)
        try FileSystem.writeAgain(file)
        var status = stat()
        #expect(fstat(descriptor, &status) == 0 && status.st_mtim.tv_sec > 1)
        try FileSystem.close(descriptor, path: file)
        let reader = try FileSystem.open(file, O_RDONLY)
        var found = ByteBuffer()
        while case var piece = try FileSystem.read(reader, limit: 1 << 20, path: file), piece.readableBytes > 0 {
            found.writeBuffer(&piece)
        }
        try FileSystem.close(reader, path: file)
        #expect(found == octets)
        try FileSystem.writeAgain(folder.path + "/none")
        #expect(try FileSystem.length(of: folder.path + "/none") == nil)
    }

    @Test("a folder that cannot be made is named")
    func unusable() throws {
        let path = folder.path + "/missing/state"
        #expect(throws: StateDirectoryError.unusable(StorageFault(operation: "mkdir", path: path, code: ENOENT))) {
            try StateDirectory(path: path)
        }
        try FileSystem.write("", to: folder.path + "/file")
        #expect(throws: StateDirectoryError.self) { try StateDirectory(path: folder.path + "/file") }
    }

    @Test("SUB-180: the audit keeps a message whose body is gone or cut, and delivers it once the body is back")
    func damagedMessages() throws {
        let fixture = try Fixture(folder)
        try enqueueFiled(1...3, in: fixture)
        let (missing, cut) = (fixture.state.bodies.path(of: .sample(1)), fixture.state.bodies.path(of: .sample(2)))
        try FileSystem.rename(missing, to: folder.path + "/elsewhere")
        #expect(truncate(cut, 7) == 0)

        let audit = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0))
        #expect(audit.damaged.map(\.id) == [.sample(1), .sample(2)])
        #expect(
            audit.damaged.map(\.damage) == [
                Damage.bodyMissing(path: missing).description,
                Damage.bodyLength(expected: largeOctets().readableBytes, found: 7).description,
            ])
        #expect(audit.setAside == [])
        let claims = try fixture.store.transaction { try $0.claimDue(at: .after(9), limit: 9) }.claims
        #expect(claims.map(\.message.id) == [.sample(3)])

        try FileSystem.rename(folder.path + "/elsewhere", to: missing)
        let second = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0))
        #expect(second.repaired == [.sample(1)])
        #expect(second.damaged.map(\.id) == [.sample(2)])
        #expect(second.interrupted == 1)
        #expect(try fixture.store.counts() == QueueCounts(messages: 3, waiting: 2, damaged: 1))
    }

    @Test("SUB-180: the audit sets aside a body that no message names, and touches no other file")
    func strayBodies() throws {
        let fixture = try Fixture(folder)
        try enqueueFiled(1...1, in: fixture)
        let stray = fixture.state.bodies.path(of: .sample(2))
        try FileSystem.write("never acknowledged", to: stray)

        let audit = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0))
        #expect(
            audit
                == {
                    var expected = QueueAudit()
                    expected.setAside = [path + "/set-aside/\(QueueID.sample(2))"]
                    return expected
                }())
        #expect(try FileSystem.length(of: audit.setAside[0]) == 18)
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [QueueID.sample(1).description])
        // The negative control: with nothing to find, nothing is found.
        #expect(try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0)) == QueueAudit())
    }

    @Test("F8: what was deferred under a clock that was ahead is due when the audit says, at the latest")
    func clockWasAhead() throws {
        let fixture = try Fixture(folder)
        _ = try fixture.store.transaction { try $0.enqueue(try .sample(5_000_000), claiming: false) }
        _ = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0), latestDue: .after(60))
        #expect(try fixture.store.transaction { try $0.claimDue(at: .after(59), limit: 1) }.nextDue == .after(60))
    }

    private func enqueueFiled(_ numbers: ClosedRange<Int>, in fixture: Fixture) throws {
        for number in numbers {
            let body = try fixture.state.bodies.body(largeOctets(), for: .sample(number))
            guard case .file(let file) = body else { return }
            try file.sync(.system)
            _ = try fixture.store.transaction { try $0.enqueue(try .sample(number, body: body), claiming: false) }
        }
    }
}
