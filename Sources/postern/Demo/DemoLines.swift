import PosternMail
import PosternSASL

/// Lines to paste that send a message to the demo by each way of logging in, with programs that people have.
struct DemoLines {
    /// How a line logs in.
    enum Way: String, CaseIterable {
        case external = "A: AUTH EXTERNAL"
        case implicit = "B: MAIL on the certificate"
        case password = "by password"
    }

    /// When TLS begins.
    enum TLS: String, CaseIterable {
        case startTLS = "STARTTLS"
        case implicit = "TLS at once"
    }

    /// A line, with what it shows.
    struct Line {
        let program: String
        let way: Way
        let tls: TLS
        let command: String
    }

    /// Each line with its title as a comment of the shell before it.
    static func text(of lines: [Line]) -> String {
        lines.map { "# \($0.way.rawValue), \($0.program), \($0.tls.rawValue)\n\($0.command)\n" }.joined(separator: "\n")
    }

    private let folder: DemoFolder
    private let sender = DemoAccount.alice
    private let recipient = DemoAccount.bob

    init(_ folder: DemoFolder) {
        self.folder = folder
    }

    /// - Parameters:
    ///   - startTLS: the port with STARTTLS.
    ///   - implicit: the port with TLS at once.
    func lines(startTLS: Int, implicit: Int) -> [Line] {
        Way.allCases.flatMap { way in
            TLS.allCases.flatMap { tls in
                let port = tls == .startTLS ? startTLS : implicit
                return [
                    Line(program: "curl", way: way, tls: tls, command: curl(way, tls, port)),
                    Line(program: "msmtp", way: way, tls: tls, command: msmtp(way, tls, port)),
                    Line(program: "openssl", way: way, tls: tls, command: openssl(way, tls, port)),
                ]
            }
        }
    }

    private var authority: String { quoted(folder.authority.certificatePath) }
    private var certificate: String { quoted(folder.client(sender).certificatePath) }
    private var key: String { quoted(folder.client(sender).keyPath) }
    private var message: String { quoted(folder.messagePath) }

    private func curl(_ way: Way, _ tls: TLS, _ port: Int) -> String {
        let login =
            switch way {
            case .external: "--cert \(certificate) --key \(key) --login-options AUTH=EXTERNAL"
            case .implicit: "--cert \(certificate) --key \(key)"
            case .password: "--user \(sender.name):\(sender.password)"
            }
        // Without --ssl-reqd curl would go on in clear where STARTTLS is not offered.
        let url = tls == .startTLS ? "--ssl-reqd --url smtp:" : "--url smtps:"
        return "curl \(url)//127.0.0.1:\(port)/client.example.org --cacert \(authority) \(login) "
            + "--mail-from \(sender.address) --mail-rcpt \(recipient.address) --upload-file \(message)"
    }

    private func msmtp(_ way: Way, _ tls: TLS, _ port: Int) -> String {
        let login =
            switch way {
            // Without a user msmtp built with GSASL sends MAIL in place of a response.
            case .external: "--tls-cert-file=\(certificate) --tls-key-file=\(key) --auth=external --user=\(sender.name)"
            case .implicit: "--tls-cert-file=\(certificate) --tls-key-file=\(key) --auth=off"
            case .password: "--auth=plain --user=\(sender.name) --passwordeval='echo \(sender.password)'"
            }
        return "msmtp --file=/dev/null --host=127.0.0.1 --port=\(port) --tls=on "
            + "--tls-starttls=\(tls == .startTLS ? "on" : "off") "
            + "--tls-trust-file=\(authority) \(login) --from=\(sender.address) \(recipient.address) < \(message)"
    }

    /// The whole dialogue at once: PIPELINING allows it, but for AUTH, after which the server reads on all the same.
    private func openssl(_ way: Way, _ tls: TLS, _ port: Int) -> String {
        var commands = ["EHLO client.example.org"]
        switch way {
        case .external: commands.append("AUTH EXTERNAL =")
        case .implicit: break
        case .password:
            let credentials = "\0\(sender.name)\0\(sender.password)"
            commands.append("AUTH PLAIN \(Base64.encode(Array(credentials.utf8)))")
        }
        commands += ["MAIL FROM:<\(sender.address)>", "RCPT TO:<\(recipient.address)>", "DATA"]
        let dialogue = commands.map { $0 + "\\r\\n" }.joined()
        let begin = tls == .startTLS ? " -starttls smtp" : ""
        let login = way == .password ? "" : " -cert \(certificate) -key \(key)"
        return "(printf '\(dialogue)'; cat \(message); printf '.\\r\\nQUIT\\r\\n') | openssl s_client -quiet "
            + "-connect 127.0.0.1:\(port)\(begin) -CAfile \(authority) -verify_return_error\(login)"
    }

    /// For the shell.
    private func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "/._-+@".utf8.contains($0) }
        return isPlain && !path.isEmpty ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }
}
