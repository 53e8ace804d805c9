import Glibc

/// An open file descriptor to which octets are written whole.
struct DescriptorOutput: Sendable {
    let descriptor: Int32

    /// - Returns: false where the system refused; `errno` says why.
    @discardableResult
    func write(_ octets: [UInt8]) -> Bool {
        octets.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let count = Glibc.write(descriptor, base + written, buffer.count - written)
                if count < 0, errno != EINTR { return false }
                written += max(0, count)
            }
            return true
        }
    }

    /// Writes the octets and a line feed with one call, so that lines of several threads, and of several processes in
    /// one file, do not mix.
    @discardableResult
    func writeLine(_ octets: [UInt8]) -> Bool {
        write(octets + [UInt8(ascii: "\n")])
    }
}
