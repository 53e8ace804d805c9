import Glibc

/// A process of this machine, as /proc shows it (proc(5)).
struct RunningProcess {
    private let path: String
    /// When it began, in ticks since the machine's start: its number may be another's afterwards.
    private let start: Substring

    /// Nil unless it runs.
    init?(_ number: pid_t) {
        path = "/proc/\(number)/stat"
        guard let (_, start) = Self.look(path) else { return nil }
        self.start = start
    }

    /// Whether it has not ended. One that has, and whose parent has not looked yet, does not run.
    var isRunning: Bool {
        guard let (state, start) = Self.look(path) else { return false }
        return start == self.start && state != "Z" && state != "X"
    }

    private static func look(_ path: String) -> (state: Substring, start: Substring)? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 2_048)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The program's name stands in parentheses, and may hold some of its own.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return (fields[0], fields[19])
    }
}
