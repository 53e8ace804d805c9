import Glibc

/// The three descriptors that a process expects to find open.
enum StandardDescriptors {
    /// Opens those that whoever started us has closed, on /dev/null: otherwise the next file or socket would be one of
    /// them, and what is written to the log would go to a client, or into the queue.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives the lowest number that is free, which is this one. Who reads from an input that was closed
            // is to be told so, and not that a message is empty.
            _ = Glibc.open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDWR)
        }
    }
}
