import Glibc
import NIOCore
import NIOPosix

/// Why the control socket, or the port of metrics, could not be opened.
public struct AdminListeningError: Error, CustomStringConvertible {
    /// The socket's path, or the address and port.
    public let place: String
    public let reason: String

    public var description: String { "\(place) cannot be listened on: \(reason)" }

    /// Nil where the error is another one.
    init?(_ error: any Error, at place: String) {
        self.place = place
        switch error {
        case is UnixDomainSocketPathWrongType:
            reason = "something that is no socket stands there; move it away"
        case let error as IOError where error.errnoCode == EADDRINUSE:
            reason = "another program listens there already"
        case let error as IOError:
            reason = strerror(error.errnoCode).map { String(cString: $0) } ?? "\(error)"
        default: return nil
        }
    }
}
