import Glibc
import ServiceLifecycle
import UnixSignals

/// Ends the process at once if somebody presses Ctrl-C while what runs is given time to finish, whether an earlier
/// Ctrl-C or SIGTERM began that. Nothing that was acknowledged is lost by it: it is on the disk.
struct SecondInterrupt: Service {
    let log: ProcessLog
    /// Told when the end begins.
    let begins: @Sendable () -> Void

    func run() async {
        var isEnding = false
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint).cancelOnGracefulShutdown() {
            if signal == .sigint, isEnding {
                log.flush()
                // As if by the signal itself.
                _exit(128 + SIGINT)
            }
            if !isEnding { begins() }
            isEnding = true
        }
    }
}
