import PosternConfiguration

extension SendArguments {
    /// Reads a command line as getopt_long(3) does, which msmtp uses and the writers of mail programs have in mind:
    /// letters may be written together, an argument may be attached or follow, and options may stand behind recipients,
    /// up to `--`.
    ///
    /// - Parameter words: without the program's own name.
    public init(reading words: [String], as role: Role) throws(ArgumentsError) {
        self.init(errand: role.errand)
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                recipients += rest
                rest = []
            } else if word.hasPrefix("--") {
                try readLong(String(word.dropFirst(2)), &rest)
            } else if word.hasPrefix("-"), word != "-" {
                try readShort(word.dropFirst(), &rest)
            } else {
                recipients.append(word)
            }
        }
        if errand == .send, recipients.isEmpty, !readsRecipients { throw .noRecipients }
    }

    private mutating func readShort(_ letters: Substring, _ rest: inout ArraySlice<String>) throws(ArgumentsError) {
        var letters = letters
        while let letter = letters.popFirst() {
            let option = "-\(letter)"
            guard let row = ShortOptions.rows[letter] else { throw .unknownOption(option, nearest: nil) }
            switch row.form {
            case .none:
                try row.effect(&self, nil, option)
            case .optional:
                try row.effect(&self, letters.isEmpty ? nil : String(letters), option)
                return
            case .required:
                guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
                    throw .argumentMissing(option: option)
                }
                try row.effect(&self, value, option)
                return
            }
        }
    }

    private mutating func readLong(_ text: String, _ rest: inout ArraySlice<String>) throws(ArgumentsError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let attached = parts.count == 2 ? String(parts[1]) : nil
        let option = "--\(name)"
        if name == "tls" {
            try readTLS(attached, &rest)
            return
        }
        guard let row = LongOptions.rows[name] else {
            let nearest = nearestKey(to: name, among: LongOptions.rows.keys + ["tls"])
            throw .unknownOption(option, nearest: nearest.map { "--\($0)" })
        }
        switch row.form {
        case .none:
            guard attached == nil else { throw .argumentNotAllowed(option: option) }
            try row.effect(&self, nil, option)
        case .optional:
            try row.effect(&self, attached, option)
        case .required:
            guard let value = attached ?? rest.popFirst() else { throw .argumentMissing(option: option) }
            try row.effect(&self, value, option)
        }
    }

    /// `--tls implicit` and `--tls starttls` are ours; `--tls`, `--tls=on` and `--tls=off` are msmtp's.
    private mutating func readTLS(_ attached: String?, _ rest: inout ArraySlice<String>) throws(ArgumentsError) {
        var value = attached
        if value == nil, let next = rest.first, next == "implicit" || next == "starttls" { value = rest.popFirst() }
        switch value {
        case "implicit", "starttls":
            settings.append(.init("tls", "on", option: "--tls"))
            settings.append(.init("tls_starttls", value == "starttls" ? "on" : "off", option: "--tls"))
        case nil, "", "on": settings.append(.init("tls", "on", option: "--tls"))
        case "off": settings.append(.init("tls", "off", option: "--tls"))
        case .some(let value):
            throw .badArgument(option: "--tls", value: value, expected: "implicit, starttls, on or off")
        }
    }
}
