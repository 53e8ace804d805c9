import Glibc

/// An open file that is closed with its last owner.
final class OwnedDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// At most so many octets from a place of the file; none at its end.
    func read(_ limit: Int, at offset: Int) throws(FileFault) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: limit)
        while true {
            let count = octets.withUnsafeMutableBytes { pread(number, $0.baseAddress, limit, off_t(offset)) }
            if count >= 0 { return Array(octets.prefix(count)) }
            if errno != EINTR { throw FileFault("read", "the message") }
        }
    }

    func write(_ octets: [UInt8]) throws(FileFault) {
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes { buffer in
                Glibc.write(
                    number, UnsafeRawBufferPointer(rebasing: buffer[written...]).baseAddress, buffer.count - written)
            }
            if count > 0 { written += count } else if errno != EINTR { throw FileFault("write", "the message") }
        }
    }
}

/// Why the system did not do what was asked of it with a file.
public struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    private let call: String
    private let path: String
    private let code: Int32

    /// - Parameter code: of the call that has just failed, unless another is given.
    init(_ call: String, _ path: String, code: Int32 = errno) {
        self.call = call
        self.path = path
        self.code = code
    }

    public var description: String {
        "\(path): \(call): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    }

    /// There is no room.
    var isOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// With which status a program ends for it: something could not be made, is more than can be kept, or failed.
    var status: SendStatus {
        if code == EFBIG { return .dataError }
        return call == "mkdir" || call == "open" ? .cannotCreate : .inputOutput
    }
}
