import NIOPosix
import PosternQueue
import Synchronization

/// Looks after the disk's room once a second, so that sessions may ask at each MAIL without a call of the system.
final class DiskWatch: Sendable {
    private static let interval = Duration.seconds(1)

    private let path: String
    private let reserve: DiskReserve
    private let room = Atomic(true)
    private let observer: any ServerObserver
    private let short: @Sendable () -> Void

    /// - Parameters:
    ///   - path: any in the file system.
    ///   - short: called at each look that finds the reserve used up.
    init(
        path: String, reserve: DiskReserve, observer: any ServerObserver, short: @escaping @Sendable () -> Void = {}
    ) {
        self.path = path
        self.reserve = reserve
        self.observer = observer
        self.short = short
    }

    /// Whether the reserve was kept at the last look.
    var hasRoom: Bool { room.load(ordering: .relaxed) }

    /// Looks until it is cancelled.
    /// - Parameter threads: those that may block.
    func run(on threads: NIOThreadPool) async {
        repeat {
            try? await threads.runIfActive { self.look() }
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    /// May block.
    func look() {
        // A file system that does not even tell how full it is has other troubles: writing will show them.
        guard let space = try? DiskSpace(of: path) else { return }
        let isKept = reserve.isKept(by: space)
        if !isKept { short() }
        guard room.exchange(isKept, ordering: .relaxed) != isKept else { return }
        observer.record(isKept ? .roomAgain : .noRoom(free: space.free, freeFiles: space.freeFiles))
    }
}
