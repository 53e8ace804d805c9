public import Dispatch
import Glibc
public import NIOCore
public import NIOPosix
import Synchronization

/// Looks up the addresses of a next hop's name, for one connection and on that next hop's own queue.
///
/// SwiftNIO's own lookups on a loop wait for one another, whatever their names are: a name whose servers are silent, which
/// takes ten seconds each time, would hold up the connections to every other next hop (F9, F10).
public final class NameLookup: Resolver, Sendable {
    private let queue: DispatchQueue
    private let loop: any EventLoop
    private let v4: EventLoopPromise<[SocketAddress]>
    private let v6: EventLoopPromise<[SocketAddress]>
    /// Nobody waits for the answer any more.
    private let isCancelled = Atomic(false)

    public init(on queue: DispatchQueue, loop: any EventLoop) {
        self.queue = queue
        self.loop = loop
        v4 = loop.makePromise()
        v6 = loop.makePromise()
    }

    /// Called after the query for IPv6, which asks for both.
    public func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { v4.futureResult }

    public func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        queue.async { self.publish(self.addresses(of: host, port: port)) }
        return v6.futureResult
    }

    public func cancelQueries() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Both at once, so that what came is tried in the right order.
    private func publish(_ result: Result<[SocketAddress], any Error>) {
        loop.execute { [v4, v6] in
            v6.completeWith(result.map { $0.filter { $0.protocol == .inet6 } })
            v4.completeWith(result.map { $0.filter { $0.protocol == .inet } })
        }
    }

    /// Blocks, unless nobody waits.
    private func addresses(of host: String, port: Int) -> Result<[SocketAddress], any Error> {
        guard !isCancelled.load(ordering: .relaxed) else { return .failure(CancellationError()) }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &first)
        guard code == 0 else { return .failure(NameFault(host: host, reason: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(first) }
        let entries = sequence(first: first) { $0?.pointee.ai_next }.prefix { $0 != nil }
        return .success(entries.compactMap { $0.flatMap { Self.address($0.pointee, host) } })
    }

    private static func address(_ entry: addrinfo, _ host: String) -> SocketAddress? {
        guard let octets = UnsafeRawPointer(entry.ai_addr) else { return nil }
        return switch entry.ai_family {
        case AF_INET: SocketAddress(octets.loadUnaligned(as: sockaddr_in.self), host: host)
        case AF_INET6: SocketAddress(octets.loadUnaligned(as: sockaddr_in6.self), host: host)
        default: nil
        }
    }
}

/// What the system says of a name that has no address.
struct NameFault: Error, CustomStringConvertible {
    let host: String
    let reason: String

    var description: String { "\(host): \(reason)" }
}
