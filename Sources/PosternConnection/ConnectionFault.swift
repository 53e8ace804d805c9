import Glibc
import NIOCore
import NIOPosix

/// Why a connection did not come about.
public enum ConnectionFault: Hashable, Sendable {
    case nameNotFound
    case unreachable

    public init(_ error: any Error) {
        guard let error = error as? NIOConnectionError, error.connectionErrors.isEmpty,
            error.dnsAError ?? error.dnsAAAAError != nil
        else {
            self = .unreachable
            return
        }
        self = .nameNotFound
    }

    /// In the words of the system: those of the library name its own calls.
    public static func words(_ error: any Error, to endpoint: ClientEndpoint) -> String {
        switch error {
        case let error as NIOConnectionError:
            // Each address was tried; what the first one said is what most want to know.
            if let first = error.connectionErrors.first { return words(first, to: endpoint) }
            if let lookup = error.dnsAError ?? error.dnsAAAAError { return "the name was not found: \(lookup)" }
            return "\(error)"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let time): return "no answer within \(time.nanoseconds / 1_000_000_000) s"
        default: return "\(error)"
        }
    }

    /// With the address, unless the next hop is named by it.
    private static func words(_ failure: SingleConnectionFailure, to endpoint: ClientEndpoint) -> String {
        let cause = words(failure.error, to: endpoint)
        guard endpoint.serverName != nil, let address = failure.target.ipAddress, let port = failure.target.port else {
            return cause
        }
        let place = "\(ClientEndpoint.host(address, port: port))"
        let isRefusal = (failure.error as? IOError)?.errnoCode == ECONNREFUSED
        return isRefusal ? "\(cause) by \(place)" : "\(place): \(cause)"
    }
}
