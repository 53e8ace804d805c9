public import PosternMail

/// A line for `logfile` and `syslog`, with the keys of msmtp, so that what reads its logs reads ours.
public enum LogLine {
    public static func text(
        _ report: SendReport, _ account: SendAccount, _ envelope: Envelope, size: Int
    ) -> String {
        let isTLS = account.ports.contains { $0.security != .none }
        let isKnown = account.certificate != nil || account.login != nil
        var words = [
            "host=\(account.host)", "tls=\(isTLS ? "on" : "off")",
            "auth=\(isKnown ? "on" : "off")",
        ]
        if let user = account.user { words.append("user=\(quoted(user))") }
        words.append("from=\(envelope.reversePath == .null ? "" : unbracketed("\(envelope.reversePath)"))")
        words.append("recipients=\(envelope.recipients.map { "\($0.mailbox)" }.joined(separator: ","))")
        if report.status == .sent, report.kept == nil { words.append("mailsize=\(size)") }
        if let outcome = report.outcome {
            if let code = outcome.replyCode { words.append("smtpstatus=\(code)") }
            words.append(
                outcome.status == .sent ? "smtpmsg=\(quoted(outcome.text))" : "errormsg=\(quoted(outcome.text))")
        }
        if let kept = report.kept { words.append("kept=\(kept)") }
        words.append("exitcode=\(name(report.status))")
        return words.joined(separator: " ")
    }

    /// What is in it must not end it.
    private static func quoted(_ text: String) -> String {
        "'\(SafeText.escape(text, limit: 500).replacing("'", with: "´"))'"
    }

    private static func name(_ status: SendStatus) -> String {
        switch status {
        case .sent: "EX_OK"
        case .usage: "EX_USAGE"
        case .dataError: "EX_DATAERR"
        case .noUser: "EX_NOUSER"
        case .noHost: "EX_NOHOST"
        case .unavailable: "EX_UNAVAILABLE"
        case .cannotCreate: "EX_CANTCREAT"
        case .inputOutput: "EX_IOERR"
        case .temporaryFailure: "EX_TEMPFAIL"
        case .notPermitted: "EX_NOPERM"
        case .configurationError: "EX_CONFIG"
        }
    }
}
