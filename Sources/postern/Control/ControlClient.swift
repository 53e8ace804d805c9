import ArgumentParser
import Glibc
import PosternAdmin
import PosternMail

/// A connection to the control socket of a running server, for one request after the other (HTTP/1.1, RFC 9112).
///
/// It blocks; a command has nothing else to do.
final class ControlClient {
    private let state: String
    private let address: ControlSocket.Address
    private let descriptor: Int32
    private var input: [UInt8] = []

    /// - Throws: `ControlError.notRunning` if nobody listens there.
    init(_ control: ControlSocket) throws(ControlError) {
        state = control.state
        do {
            address = try control.address()
        } catch {
            throw error.code == EACCES ? .notPermitted(state) : .notRunning(state)
        }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", SystemError.text) }
        guard Self.connect(descriptor, to: address.path) else {
            let code = errno
            close(descriptor)
            throw code == EACCES || code == EPERM ? .notPermitted(state) : .notRunning(state)
        }
    }

    deinit { close(descriptor) }

    /// The process at the other end; nil where the kernel cannot name it here, as from another container.
    var server: RunningProcess? {
        // `struct ucred` of unix(7): process, user, group.
        var credentials: (pid_t, UInt32, UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return RunningProcess(credentials.0)
    }

    /// - Parameters:
    ///   - path: with its query.
    ///   - body: JSON; nil for none.
    func request(
        _ method: String, _ path: String, accepting type: String, body: [UInt8]? = nil
    ) throws(ControlError) -> ControlReply {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: postern\r\nAccept: \(type)\r\n"
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        let octets = Array((head + "\r\n").utf8) + (body ?? [])
        guard DescriptorOutput(descriptor: descriptor).write(octets) else { throw .ended(state) }
        return try reply()
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private func reply() throws(ControlError) -> ControlReply {
        let first = try line()
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw .noHTTP(state) }
        var length = 0
        var next: String?
        while true {
            let field = try line()
            if field.isEmpty { break }
            let parts = field.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw .noHTTP(state) }
            let value = parts[1].drop { $0 == " " }
            switch parts[0].lowercased() {
            case "content-length": length = Int(value) ?? 0
            case "link": next = value.hasPrefix("<") ? String(value.dropFirst().prefix { $0 != ">" }) : nil
            default: continue
            }
        }
        return ControlReply(status: status, body: try octets(length), next: next)
    }

    private func line() throws(ControlError) -> String {
        while true {
            if let end = input.firstIndex(of: UInt8(ascii: "\n")) {
                let line = input[..<end].filter { $0 != UInt8(ascii: "\r") }
                input.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            guard input.count < 65_536 else { throw .noHTTP(state) }
            try read(atLeast: 1)
        }
    }

    private func octets(_ count: Int) throws(ControlError) -> [UInt8] {
        if input.count < count { try read(atLeast: count - input.count) }
        defer { input.removeFirst(count) }
        return Array(input.prefix(count))
    }

    private func read(atLeast wanted: Int) throws(ControlError) {
        let goal = input.count + wanted
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while input.count < goal {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                input += buffer[..<count]
            } else if count == 0 || errno != EINTR {
                throw .ended(state)
            }
        }
    }
}

struct ControlReply {
    let status: Int
    let body: [UInt8]
    /// The request for what follows, where there is more.
    let next: String?

    /// The lines for the person who typed the command. The server has escaped what others have written; this is the second
    /// look at it, since what reaches the terminal must never be able to command it (C5).
    var text: [UInt8] {
        if body.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A }) { return body }
        var harmless: [UInt8] = []
        for scalar in String(decoding: body, as: UTF8.self).unicodeScalars {
            let isShown = scalar == "\n" || SafeText.shows(scalar)
            harmless += isShown ? Array(String(scalar).utf8) : Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
        }
        return harmless
    }

    var exitCode: ExitCode {
        switch status {
        case 200..<300: .success
        case 400: .usage
        case 404: .noInput
        case 409: .unavailable
        case 422: .configurationError
        case 503: .temporaryFailure
        default: .softwareError
        }
    }
}

/// Why a running server cannot be asked.
enum ControlError: CommandError {
    case notRunning(String)
    case notPermitted(String)
    case ended(String)
    case noHTTP(String)
    case system(String, String)
    case noState
    case unreadable(String)

    var description: String {
        switch self {
        case .notRunning(let state):
            "postern is not running with state folder \(SafeText.escape(state)): start it with `postern serve`, or name another one"
        case .notPermitted(let state):
            "the server of state folder \(SafeText.escape(state)) takes commands from its own user and from root alone"
        case .ended(let state):
            "the server of state folder \(SafeText.escape(state)) closed the connection: it takes commands from its own user and from root alone, or it has just ended"
        case .noHTTP(let state):
            "what listens on \(SafeText.escape(state))/\(ControlSocket.name) does not answer as postern does"
        case .system(let call, let reason): "\(call): \(reason)"
        case .noState: "say which server is meant: --config FILE, as it was started with, or --state DIR"
        case .unreadable(let path):
            "\(SafeText.escape(path)) names no state folder; `postern check` says what is wrong with it"
        }
    }

    var status: ExitCode {
        switch self {
        case .notRunning, .noHTTP, .ended: .unavailable
        case .notPermitted: .notPermitted
        case .system: .temporaryFailure
        case .noState: .usage
        case .unreadable: .configurationError
        }
    }
}
