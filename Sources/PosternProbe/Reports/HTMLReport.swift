/// The report as one page that stands alone: no script, no font, no picture from elsewhere.
public enum HTMLReport {
    public static func page(_ report: ProbeReport) -> String {
        let host = report.ports.first?.evidence.target.host ?? ""
        let difference = report.difference.map { "<p class=\"warning\">\(escape($0.text))</p>" } ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Client certificates at \(escape(host))</title>
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <h1>Client certificates at \(escape(host))</h1>
            \(difference)
            \(report.ports.map(section).joined(separator: "\n"))
            <footer>Made by postern probe. \(report.ports.reduce(0) { $0 + $1.evidence.observations.count }) connections, \
            \(report.failedAuthentications) failed AUTH; nothing was delivered, no content was sent.</footer>
            </main>
            </body>
            </html>

            """
    }

    private static func section(_ port: PortReport) -> String {
        let target = port.evidence.target
        let security = target.security == .implicit ? "implicit TLS" : "STARTTLS"
        return """
            <section>
            <h2>Port \(target.port), \(security)</h2>
            <p class="verdict \(port.verdict.kind.tone)" data-verdict="\(port.verdict.kind.rawValue)">\
            <strong>\(port.verdict.kind.rawValue)</strong> \(escape(port.verdict.kind.meaning))</p>
            <p>\(escape(port.verdict.reason)) <small>(confidence \(port.verdict.confidence.rawValue))</small></p>
            \(findings(port))
            <h3>What was answered</h3>
            \(matrix(port))
            <h3>What was seen</h3>
            <dl>\(facts(port))</dl>
            <h3>Mail programs</h3>
            \(programs(port))
            <h3>Every word</h3>
            \(port.steps.map(transcript).joined(separator: "\n"))
            </section>
            """
    }

    private static func findings(_ port: PortReport) -> String {
        guard !port.findings.isEmpty else { return "" }
        let items = port.findings.map { finding in
            let clause = finding.clause.map { " <small>\(linked($0))</small>" } ?? ""
            return
                "<li class=\"\(finding.level.rawValue)\"><code>\(finding.id)</code> \(escape(finding.text))\(clause)</li>"
        }
        return "<h3>Findings</h3>\n<ul class=\"findings\">\(items.joined(separator: "\n"))</ul>"
    }

    private static func matrix(_ port: PortReport) -> String {
        let rows: [(String, Observation?)] = [
            ("none", port.evidence.control), ("yours", port.evidence.implicit),
            ("yours, AUTH EXTERNAL", port.evidence.external), ("of nobody", port.evidence.stranger),
        ]
        let body = rows.map { name, observation in
            let cells = cells(observation).map { "<td data-column=\"\($0.0)\">\(escape($0.1))</td>" }
            return "<tr><th scope=\"row\">\(name)</th>\(cells.joined())</tr>"
        }
        return """
            <table class="matrix">
            <thead><tr><th>certificate</th><th>TLS</th><th>EHLO lists</th><th>AUTH</th><th>MAIL</th><th>RCPT</th></tr></thead>
            <tbody>\(body.joined(separator: "\n"))</tbody>
            </table>
            """
    }

    private static func cells(_ observation: Observation?) -> [(String, String)] {
        guard let observation else {
            return [("TLS", "not tried"), ("EHLO", "–"), ("AUTH", "–"), ("MAIL", "–"), ("RCPT", "–")]
        }
        let listed = observation.capabilities?.mechanisms
        let ehlo = listed.map { $0.isEmpty ? "no AUTH" : $0.joined(separator: " ") } ?? observation.endWords
        return [
            ("TLS", observation.tls ?? "failed"), ("EHLO", ehlo),
            ("AUTH", observation.authentication?.shortSummary ?? "–"),
            ("MAIL", observation.reply(to: .mail)?.shortSummary ?? "–"),
            ("RCPT", observation.reply(to: .recipient)?.shortSummary ?? "–"),
        ]
    }

    private static func facts(_ port: PortReport) -> String {
        FactLines(evidence: port.evidence).all
            .map { "<div><dt>\(escape($0.name))</dt><dd>\(escape($0.words))</dd></div>" }.joined(separator: "\n")
    }

    private static func programs(_ port: PortReport) -> String {
        let rows = MailProgram.all.map { program in
            let outlook = program.outlook(port.evidence).rawValue
            return "<tr><td>\(escape(program.name))</td><td>\(escape(program.setting))</td>"
                + "<td class=\"\(outlook)\">\(outlook)</td><td><small>\(escape(program.source))</small></td></tr>"
        }
        return """
            <table class="programs">
            <thead><tr><th>program</th><th>setting</th><th>here</th><th>how it is known</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table>
            """
    }

    private static func transcript(_ observation: Observation) -> String {
        let lines = observation.transcript.map { "\($0.speaker.rawValue): \($0.text)" }.joined(separator: "\n")
        return "<details><summary>\(escape(observation.step.name))</summary><pre>\(escape(lines))</pre></details>"
    }

    /// A clause with links to the RFCs that it names.
    private static func linked(_ clause: String) -> String {
        var words = clause.split(separator: " ").map(String.init)
        for index in words.indices.dropLast() where words[index].hasSuffix("RFC") {
            let number = words[index + 1].filter(\.isNumber)
            words[index + 1] = "<a href=\"https://www.rfc-editor.org/rfc/rfc\(number)\">\(escape(words[index + 1]))</a>"
        }
        return words.joined(separator: " ")
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #b42318; --middle: #9a6700 }
        * { box-sizing: border-box }
        body { margin: 0; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
        main { max-width: 64rem; margin: 0 auto; padding: 1rem }
        h1 { font-size: 1.5rem } h2 { font-size: 1.25rem; margin-top: 2rem } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem }
        .verdict { padding: .75rem 1rem; border-left: .5rem solid var(--middle); background: #8881 }
        .verdict.good { border-color: var(--good) } .verdict.bad { border-color: var(--bad) }
        .verdict strong { display: block; font-size: 1.25rem }
        table { width: 100%; border-collapse: collapse; font-size: .9rem }
        th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line) }
        dl div { display: flex; flex-wrap: wrap; gap: 0 1rem; border-bottom: 1px solid var(--line); padding: .25rem 0 }
        dt { flex: 0 0 15rem; font-weight: 600 } dd { margin: 0; flex: 1 1 16rem }
        .programs td:nth-child(3), .programs th:nth-child(3) { white-space: nowrap }
        .works { color: var(--good) } .fails { color: var(--bad) }
        .danger code { color: var(--bad) } .warning code { color: var(--middle) }
        pre { overflow-x: auto; padding: .5rem; background: #8881; font-size: .85rem; white-space: pre-wrap }
        footer { margin: 2rem 0; font-size: .85rem }
        @media (max-width: 40rem) {
          .matrix thead, .programs thead { display: none }
          .matrix tr, .programs tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
          .matrix th, .matrix td, .programs td { display: block; border: 0; padding: .1rem 0 }
          .matrix td::before { content: attr(data-column) ": "; font-weight: 600 }
        }
        """
}

extension Verdict.Kind {
    /// By what color it stands out.
    fileprivate var tone: String {
        switch self {
        case .both: "good"
        case .externalOnly, .implicitOnly, .gate, .temporary, .inconclusive, .ignoresCertificates: "middle"
        case .externalBroken, .notTrusted, .open, .unreachable: "bad"
        }
    }
}
