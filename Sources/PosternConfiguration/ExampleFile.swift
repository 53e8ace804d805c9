extension Configuration {
    /// The file `postern.example.yaml`: every key, what it means and what holds without it, made of the tables that
    /// also read a configuration.
    public static var example: String {
        let introduction = [
            "# Every setting of Postern. What has a '#' directly before it stands for what holds without it, or for an",
            "# example of what could stand there.",
        ]
        return (introduction + Example.map(of: settings, separated: true)).joined(separator: "\n") + "\n"
    }
}

/// The lines of the example file.
enum Example {
    private static let step = "  "

    static func map<Section>(of settings: [Setting<Section>], separated: Bool = false) -> [String] {
        settings.flatMap { (separated ? [""] : []) + lines(of: $0) }
    }

    /// The settings as the one item of a list, commented out: an empty list is what holds without it.
    static func listItem<Section>(of settings: [Setting<Section>]) -> [String] {
        let lines = map(of: settings)
        let first = lines.firstIndex { !$0.hasPrefix("# ") } ?? 0
        return lines.enumerated().map { index, line in
            (index == first ? "- " : step) + line
        }
    }

    static var listeners: [String] {
        let settings = map(of: Listener.settings)
        return ["submission:"] + settings.map { step + $0 } + ["submissions:", step + "tls: implicit"]
    }

    private static func lines<Section>(of setting: Setting<Section>) -> [String] {
        let comments = setting.documentation.split(separator: "\n").map { "# \($0)" }
        switch setting.example {
        case .given(let text): return comments + ["\(setting.name): \(text)"]
        case .standard(let text): return comments + ["#\(setting.name): \(text)"]
        case .standardSection(let lines):
            return comments + (["\(setting.name):"] + lines.map { step + $0 }).map(commentedOut)
        case .section(let lines): return comments + ["\(setting.name):"] + lines.map { step + $0 }
        }
    }

    private static func commentedOut(_ line: String) -> String {
        let indentation = line.prefix { $0 == " " }
        let rest = line.dropFirst(indentation.count)
        return rest.hasPrefix("#") ? line : indentation + "#" + rest
    }
}
