import Glibc
import ServiceLifecycle
import UnixSignals

/// Ends the process at once if somebody presses Ctrl-C again while what runs is given time to finish. Nothing that was
/// acknowledged is lost by that: it is on the disk.
struct SecondInterrupt: Service {
    func run() async {
        var isFirst = true
        for await _ in await UnixSignalsSequence(trapping: .sigint).cancelOnGracefulShutdown() {
            // As if by the signal itself.
            guard isFirst else { _exit(128 + SIGINT) }
            isFirst = false
        }
    }
}
