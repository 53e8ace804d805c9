import Glibc

/// The Unix socket of the API: `STATE/control.sock`.
public struct ControlSocket: Sendable {
    public let state: String

    public init(state: String) {
        self.state = state
    }

    public static let name = "control.sock"
    public var path: String { "\(state)/\(Self.name)" }

    /// Where the socket is bound, or connected to.
    /// - Throws: `ControlSocketError` if there is no such folder.
    public func address() throws(ControlSocketError) -> Address {
        // An address of this kind has room for 107 octets (unix(7)); by its folder's descriptor every path is short.
        let folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw ControlSocketError(path: state, code: errno) }
        return Address(folder: folder, path: "/proc/self/fd/\(folder)/\(Self.name)")
    }

    /// A short path to the socket, good while the value lives.
    public final class Address: Sendable {
        private let folder: Int32
        public let path: String

        init(folder: Int32, path: String) {
            self.folder = folder
            self.path = path
        }

        deinit { close(folder) }

        /// Mode 0600. Between `bind` and this call others may connect where the folder lets them in; they are turned away
        /// by who they are.
        func restrict() { chmod(path, 0o600) }

        func remove() { unlink(path) }
    }
}

public struct ControlSocketError: Error, CustomStringConvertible {
    public let path: String
    public let code: Int32

    public var description: String { "\(path): \(String(cString: strerror(code)))" }
}
