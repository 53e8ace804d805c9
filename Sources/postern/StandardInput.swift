import Glibc

/// Standard input, as a pipe or as a terminal.
enum StandardInput {
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Everything up to its end.
    static func read(limit: Int) throws(PasswordError) -> [UInt8] {
        var octets: [UInt8] = []
        while let octet = nextOctet() {
            octets.append(octet)
            guard octets.count <= limit else { throw .tooLong(limit: limit) }
        }
        return octets
    }

    /// Asks twice at the terminal, on standard error so that standard output holds the answer alone.
    static func askForPassword() throws(PasswordError) -> [UInt8] {
        let first = try askUnseen("Password: ")
        guard try askUnseen("Once more: ") == first else { throw .notRepeated }
        return first
    }

    /// A line that the terminal does not show. Keys that send signals are read as characters meanwhile: a signal would
    /// leave the person with a terminal that shows nothing.
    private static func askUnseen(_ prompt: String) throws(PasswordError) -> [UInt8] {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw .cancelled }
        var unseen = shown
        unseen.c_lflag &= ~tcflag_t(ECHO | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) == 0 else { throw .cancelled }
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
        Terminal.prompt(prompt)
        defer { Terminal.complain("") }
        var line: [UInt8] = []
        while let octet = nextOctet(), octet != UInt8(ascii: "\n") {
            // Ctrl-C and Ctrl-\.
            guard octet != 0x03, octet != 0x1C else { throw .cancelled }
            line.append(octet)
        }
        return line
    }

    /// One octet, or nil at the end. Passwords are short; nothing is read ahead.
    private static func nextOctet() -> UInt8? {
        var octet: UInt8 = 0
        while true {
            let count = Glibc.read(STDIN_FILENO, &octet, 1)
            if count == 1 { return octet }
            if count == 0 || errno != EINTR { return nil }
        }
    }
}
