import Foundation
import PosternQueue
import PosternSubmission
import Synchronization
import Testing

@testable import PosternServer

@Suite("The disk's reserve")
struct DiskReserveTests {
    private let reserve = DiskReserve(octets: 100, percent: 5)

    private func isKept(free: Int, of octets: Int = 1_000, freeFiles: Int = 1_000, files: Int = 1_000) -> Bool {
        reserve.isKept(by: DiskSpace(free: free, octets: octets, freeFiles: freeFiles, files: files))
    }

    @Test("F4: the greater of the two counts, the octets and the share of the disk")
    func octets() {
        #expect(isKept(free: 100))
        #expect(!isKept(free: 99))
        #expect(isKept(free: 500, of: 10_000))
        #expect(!isKept(free: 499, of: 10_000))
        // A share of a large disk has its bound.
        #expect(isKept(free: 10 << 30, of: 10 << 40))
    }

    @Test("F5: a twentieth of the files is kept, where files are counted")
    func files() {
        #expect(isKept(free: 100, freeFiles: 51))
        #expect(!isKept(free: 100, freeFiles: 50))
        #expect(isKept(free: 100, freeFiles: 0, files: 0))
        #expect(!isKept(free: 100, freeFiles: 3, files: 64))
    }

    @Test("F4: what changes is told once")
    func watch() throws {
        let observer = Conditions()
        let path = FileManager.default.temporaryDirectory.path
        let space = try DiskSpace(of: path)
        #expect(space.octets > 0 && space.free > 0 && space.free <= space.octets)
        let full = DiskWatch(path: path, reserve: DiskReserve(octets: .max, percent: 0), observer: observer)
        #expect(full.hasRoom)
        full.look()
        full.look()
        #expect(!full.hasRoom)
        let names = observer.conditions.withLock { $0.map(\.logName) }
        #expect(names == [.noRoom])
        // What cannot be asked is not full.
        let lost = DiskWatch(path: path + "/none", reserve: DiskReserve(octets: .max, percent: 0), observer: observer)
        lost.look()
        #expect(lost.hasRoom)
    }
}

private final class Conditions: ServerObserver {
    let conditions = Mutex<[ServerCondition]>([])

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {}
    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {}
    func record(_ condition: ServerCondition) {
        conditions.withLock { $0.append(condition) }
    }
}
