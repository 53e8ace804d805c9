import Glibc

/// A command of the system that is run to its end, with small input and output.
enum Subprocess {
    enum Failure: Error {
        /// No such command is installed.
        case notInstalled
        case failed(reason: String)
    }

    /// Runs the command and returns what it printed. Its standard error is ours.
    ///
    /// - Parameters:
    ///   - arguments: the command's name, looked up in PATH, and its arguments. They show in the list of processes: no
    ///     secrets.
    ///   - input: its standard input, at most what a pipe holds (64 KiB).
    static func run(_ arguments: [String], input: [UInt8]) throws(Failure) -> [UInt8] {
        let (inputRead, inputWrite) = try makePipe()
        defer { close(inputRead) }
        let (outputRead, outputWrite) = try makePipe()
        defer { close(outputRead) }
        let process: pid_t
        do throws(Failure) {
            process = try spawn(arguments, input: inputRead, output: outputWrite)
        } catch {
            close(inputWrite)
            close(outputWrite)
            throw error
        }
        close(outputWrite)
        // A command that does not read its input tells by its status.
        DescriptorOutput(descriptor: inputWrite).write(input)
        close(inputWrite)
        let output = readAll(outputRead)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw .failed(reason: "\(arguments[0]) \(words(status))") }
        return output
    }

    /// How a command ended, by the status of waitpid(2).
    static func words(_ status: Int32) -> String {
        status & 0x7F == 0 ? "ended with status \(status >> 8 & 0xFF)" : "was ended by signal \(status & 0x7F)"
    }

    static func makePipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .failed(reason: SystemError.text) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    static func spawn(_ arguments: [String], input: Int32, output: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        endAtBrokenPipe(&attributes)
        var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { for argument in vector { free(argument) } }
        vector.append(nil)
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments[0], &actions, &attributes, vector, environ)
        guard code == 0 else { throw code == ENOENT ? .notInstalled : .failed(reason: SystemError.text(code)) }
        return process
    }

    /// We ignore SIGPIPE, and a command would inherit that, and complain of what every other ends at in silence.
    private static func endAtBrokenPipe(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { octets += chunk.prefix(count) } else if count == 0 || errno != EINTR { return octets }
        }
    }
}
