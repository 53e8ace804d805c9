import Glibc

extension Subprocess {
    /// The first line that a command prints, without its end. Its input is empty. What it prints behind that is not waited
    /// for, but its end is: a command that fails after all has printed nothing to rely on.
    ///
    /// - Parameters:
    ///   - time: in which it must have ended; a person may have to type a PIN meanwhile.
    ///   - limit: of the line's length.
    static func firstLine(
        of arguments: [String], within time: Duration = .seconds(120), limit: Int = 65_536
    ) throws(Failure) -> [UInt8] {
        let (inputRead, inputWrite) = try makePipe()
        close(inputWrite)
        defer { close(inputRead) }
        let (outputRead, outputWrite) = try makePipe()
        let process: pid_t
        do throws(Failure) {
            process = try spawn(arguments, input: inputRead, output: outputWrite)
        } catch {
            close(outputRead)
            close(outputWrite)
            throw error
        }
        close(outputWrite)
        let deadline = ContinuousClock.now + time
        let line = readLine(outputRead, deadline, limit)
        close(outputRead)
        guard let line else {
            kill(process, SIGTERM)
            _ = wait(process, until: .now + .seconds(1))
            throw .failed(reason: "it printed no line within \(time.components.seconds) s and \(limit) octets")
        }
        guard let status = wait(process, until: deadline) else {
            kill(process, SIGTERM)
            throw .failed(reason: "it has not ended within \(time.components.seconds) s")
        }
        // Who goes on printing finds that nobody reads.
        guard status == 0 || isBrokenPipe(status) else { throw .failed(reason: "it \(words(status))") }
        return line
    }

    /// Of the command itself, or of one of which its shell tells.
    private static func isBrokenPipe(_ status: Int32) -> Bool {
        status & 0x7F == SIGPIPE || (status & 0x7F == 0 && status >> 8 & 0xFF == 128 + SIGPIPE)
    }

    /// To a line feed or the end of the output; nil where neither comes.
    private static func readLine(_ descriptor: Int32, _ deadline: ContinuousClock.Instant, _ limit: Int) -> [UInt8]? {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while octets.count <= limit {
            var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = (deadline - .now).components
            guard left.seconds >= 0, left.attoseconds >= 0 else { return nil }
            let ready = poll(&one, 1, Int32(min(left.seconds, 86_400)) * 1_000 + 100)
            if ready <= 0 { continue }
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return octets }
            octets += chunk.prefix(count)
            if let end = octets.firstIndex(of: UInt8(ascii: "\n")) { return Array(octets[..<end]) }
        }
        return nil
    }

    /// Its status; nil where it goes on.
    private static func wait(_ process: pid_t, until deadline: ContinuousClock.Instant) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return 0 }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(5_000)
        }
    }
}
