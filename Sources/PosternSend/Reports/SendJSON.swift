import PosternMail

/// Results for programs: an object a line.
public enum SendJSON {
    public static func line(_ report: SendReport, server: String, account: String) -> [UInt8] {
        var json = JSONText()
        json.open()
        json.key("result")
        json.string(result(report))
        json.key("status")
        json.number(Int(report.status.rawValue))
        json.key("account")
        json.string(account)
        json.key("server")
        json.string(server)
        write(report, to: &json)
        json.close()
        return json.octets
    }

    private static func write(_ report: SendReport, to json: inout JSONText) {
        if let kept = report.kept {
            json.key("kept")
            json.string("\(kept)")
        }
        if let note = report.note {
            json.key("note")
            json.string(note, limit: 1_000)
        }
        guard let outcome = report.outcome else { return }
        for (key, value) in [
            ("queue_id", outcome.queueID), ("via", outcome.via), ("text", outcome.text), ("hint", outcome.hint),
        ] {
            guard let value, !value.isEmpty else { continue }
            json.key(key)
            json.string(value, limit: 1_000)
        }
        json.key("recipients")
        json.openList()
        for recipient in outcome.recipients {
            json.separate()
            json.open()
            json.key("address")
            json.string("\(recipient.mailbox)", limit: 400)
            json.key("result")
            json.string(word(recipient.fate))
            json.key("text")
            json.string(recipient.text, limit: 1_000)
            json.close()
        }
        json.closeList()
    }

    private static func result(_ report: SendReport) -> String {
        guard let outcome = report.outcome else { return report.kept == nil ? "failed" : "kept" }
        if report.status == .sent { return report.kept == nil ? "sent" : "kept" }
        if !outcome.accepted.isEmpty { return "partly-sent" }
        return outcome.isUncertain ? "uncertain" : report.status == .temporaryFailure ? "deferred" : "refused"
    }

    private static func word(_ fate: SendOutcome.Fate) -> String {
        switch fate {
        case .accepted: "accepted"
        case .deferred: "deferred"
        case .uncertain: "uncertain"
        case .refused: "refused"
        }
    }
}
