/// How one value is written: what a person should write there, how it is read, and how a default is shown.
struct Form<Value: Sendable>: Sendable {
    /// Completes "expected …".
    let expected: String
    let parse: @Sendable (String, Folder) throws(Refusal) -> Value
    let write: @Sendable (Value) -> String

    /// Why a text is no value of the form, with what to do about it where there is more to say than what was expected.
    struct Refusal: Error {
        var advice: String?
    }
}

/// The folder of a configuration file, to which its relative paths belong.
struct Folder: Sendable {
    /// Without a slash at its end; "." for a file that was named without a folder.
    let path: String

    init(of file: String) {
        guard let slash = file.lastIndex(of: "/") else {
            path = "."
            return
        }
        path = slash == file.startIndex ? "" : String(file[..<slash])
    }

    func resolve(_ text: String) -> String {
        text.hasPrefix("/") ? text : "\(path)/\(text)"
    }
}

extension Form where Value == Int {
    /// A whole number in digits.
    static func number(_ range: ClosedRange<Int>) -> Form {
        Form(expected: "a number from \(range.lowerBound) to \(range.upperBound)") { text, _ throws(Refusal) in
            guard let value = digits(text), range.contains(value) else { throw Refusal() }
            return value
        } write: {
            String($0)
        }
    }

    /// Octets: digits alone, or with KiB, MiB or GiB behind them.
    static func size(_ range: ClosedRange<Int>) -> Form {
        let bounds = "\(writtenSize(range.lowerBound)) to \(writtenSize(range.upperBound))"
        return Form(expected: "a size from \(bounds)") { text, _ throws(Refusal) in
            let number = text.prefix { $0.isASCII && $0.isNumber }
            let unit = text.dropFirst(number.count).drop { $0 == " " }
            guard let factor = sizeUnits.first(where: { $0.name == unit })?.octets else {
                throw Refusal(advice: "write octets as digits, or with the unit KiB, MiB or GiB: 50 MiB")
            }
            guard let count = digits(String(number)) else { throw Refusal() }
            let (octets, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, range.contains(octets) else { throw Refusal() }
            return octets
        } write: {
            writtenSize($0)
        }
    }

    private static func digits(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static var sizeUnits: [(name: String, octets: Int)] {
        [("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
    }

    private static func writtenSize(_ octets: Int) -> String {
        for unit in sizeUnits.reversed() where unit.octets > 1 && octets >= unit.octets && octets % unit.octets == 0 {
            return "\(octets / unit.octets) \(unit.name)"
        }
        return "\(octets)"
    }
}

extension Form where Value == Duration {
    /// Days, hours, minutes and seconds, each with its letter, the longer before the shorter: `5d`, `15s`, `1h30m`.
    static func duration(_ range: ClosedRange<Duration>) -> Form {
        let bounds = "\(written(range.lowerBound)) to \(written(range.upperBound))"
        return Form(expected: "a time from \(bounds)") { text, _ throws(Refusal) in
            guard let seconds = seconds(text) else {
                throw Refusal(advice: "write days, hours, minutes and seconds with their letters: 5d, 1h30m, 15s")
            }
            guard range.contains(.seconds(seconds)) else { throw Refusal() }
            return .seconds(seconds)
        } write: {
            written($0)
        }
    }

    private static func seconds(_ text: String) -> Int? {
        var rest = text[...]
        var total = 0
        for (letter, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(Character, Int)] {
            let number = rest.prefix { $0.isASCII && $0.isNumber }
            guard rest.dropFirst(number.count).first == letter else { continue }
            // Seven digits of days are more than any range takes, and far from overflow.
            guard number.count <= 7, let count = Int(number) else { return nil }
            total += count * length
            rest = rest.dropFirst(number.count + 1)
        }
        return rest.isEmpty && !text.isEmpty ? total : nil
    }

    static func written(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ].filter { $0.0 > 0 }
        return parts.isEmpty ? "0s" : parts.map { "\($0.0)\($0.1)" }.joined()
    }
}

extension Form where Value == Duration? {
    /// A time, or the word `off`.
    static func durationOrOff(_ range: ClosedRange<Duration>) -> Form {
        let time = Form<Duration>.duration(range)
        return Form(expected: "\(time.expected), or off") { text, folder throws(Refusal) in
            if text == "off" { return nil }
            do throws(Form<Duration>.Refusal) {
                return try time.parse(text, folder)
            } catch {
                throw Refusal(advice: error.advice)
            }
        } write: {
            $0.map(time.write) ?? "off"
        }
    }
}

extension Form where Value == Bool {
    static var yesOrNo: Form {
        Form(expected: "true or false") { text, _ throws(Refusal) in
            switch text {
            case "true": return true
            case "false": return false
            default: throw Refusal()
            }
        } write: {
            $0 ? "true" : "false"
        }
    }
}

extension Form where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a list of words.
    static var choice: Form {
        let words = Value.allCases.map(\.rawValue)
        let list = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        return Form(expected: list) { text, _ throws(Refusal) in
            guard let value = Value(rawValue: text) else {
                // `1.2` is not what somebody meant who wrote `1.1`.
                let nearest = text.first?.isLetter == true ? nearestKey(to: text, among: words) : nil
                throw Refusal(advice: nearest.map { "did you mean '\($0)'?" })
            }
            return value
        } write: {
            $0.rawValue
        }
    }
}

extension Form where Value == String {
    /// Text of any kind but none.
    static func text(_ expected: String) -> Form {
        Form(expected: expected) { text, _ throws(Refusal) in
            guard !text.isEmpty else { throw Refusal() }
            return text
        } write: {
            $0
        }
    }

    /// What is wrong with a path, whatever it is the path of; nil where nothing is.
    static func fault(ofPath text: String) -> String? {
        if text.hasPrefix("~") { return "'~' is the shell's: write the folder out" }
        // To the system a NUL is the end of a path, and it would open another file than the one that is shown.
        let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return hasControls ? "leave the control characters out" : nil
    }

    /// A path; a relative one belongs to the folder of the file it stands in.
    static func path(_ expected: String) -> Form {
        Form(expected: expected) { text, folder throws(Refusal) in
            guard !text.isEmpty else { throw Refusal() }
            if let advice = Self.fault(ofPath: text) { throw Refusal(advice: advice) }
            return folder.resolve(text)
        } write: {
            $0
        }
    }
}
