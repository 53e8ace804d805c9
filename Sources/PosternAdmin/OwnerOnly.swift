import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Lets in whoever the kernel says is this process's own user, or root (E4), and closes for everybody else.
struct OwnerOnly<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        PeerCredentials.user(of: channel).flatMapThrowing { user in
            guard user == 0 || user == getuid() else { throw PeerRefused(user: user) }
        }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension OwnerOnly where Base == HTTP1Channel {
    static func http() -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            // Who reads a long answer slowly, by a pager say, is let.
            let configuration = HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionEnd()], idleTimeout: .seconds(60))
            return OwnerOnly(base: HTTP1Channel(responder: responder, configuration: configuration))
        }
    }
}

struct PeerRefused: Error {
    let user: UInt32
}

/// Who is at the other end of a Unix socket (`SO_PEERCRED`, unix(7)).
enum PeerCredentials {
    static func user(of channel: any Channel) -> EventLoopFuture<UInt32> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<UnixCredentials> = socket.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        return credentials.map(\.user)
    }
}

/// The `struct ucred` of unix(7), which Swift's import of the C library leaves out.
private struct UnixCredentials {
    let process: Int32
    let user: UInt32
    let group: UInt32
}
