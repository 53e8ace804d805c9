/// The report as a mail administrator reads it in a terminal.
public enum TextReport {
    public static func lines(_ report: ProbeReport) -> [String] {
        var lines: [String] = []
        for port in report.ports { lines += Self.lines(port) + [""] }
        if let difference = report.difference { lines += [difference.line, ""] }
        let connections = report.ports.reduce(0) { $0 + $1.evidence.observations.count }
        lines.append(
            "\(connections) connections, \(report.failedAuthentications) failed AUTH; nothing was delivered, no content was sent"
        )
        return lines
    }

    private static func lines(_ port: PortReport) -> [String] {
        let target = port.evidence.target
        let security = target.security == .implicit ? "implicit TLS" : "STARTTLS"
        var lines = [
            "\(target)  \(security)  \(port.verdict.kind.rawValue): \(port.verdict.kind.meaning)",
            "  \(port.verdict.reason) (confidence \(port.verdict.confidence.rawValue))",
        ]
        lines += FactLines(evidence: port.evidence).all.map { "  \(padded($0.name)) \($0.words)" }
        lines += port.findings.map { "  \($0.line)" }
        for (title, outlook) in [("works with", MailProgram.Outlook.works), ("fails with", .fails)] {
            let programs = port.programs(outlook)
            guard !programs.isEmpty else { continue }
            lines += wrapped(title, programs.map { "\($0.name) (\($0.setting))" })
        }
        return lines
    }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(1, 33 - name.count))
    }

    /// A list that goes over several lines where it must.
    private static func wrapped(_ title: String, _ items: [String]) -> [String] {
        var lines: [String] = []
        var line = "  \(title)  "
        for (index, item) in items.enumerated() {
            let text = item + (index == items.count - 1 ? "" : ", ")
            if line.count + text.count > 110 {
                lines.append(line)
                line = String(repeating: " ", count: title.count + 4)
            }
            line += text
        }
        return lines + [line]
    }
}

extension Finding {
    /// On one line.
    var line: String { "\(level.rawValue)  \(id)  \(text)\(clause.map { " (\($0))" } ?? "")" }
}
