import Yams

/// Where accepted mail goes.
public enum NextHop: Sendable, Hashable {
    /// By SMTP to another server.
    case smtp(SMTPNextHop)
    /// By LMTP (RFC 2033) to a server of local delivery.
    case lmtp(SMTPNextHop)
    /// Likewise, over a Unix socket.
    case lmtpSocket(path: String, timeouts: NextHopTimeouts = NextHopTimeouts())
    /// A Maildir for each recipient under this folder.
    case maildir(String)
    /// Mail is accepted, committed and thrown away: for measurements and rehearsals.
    case discard
}

/// A server that takes mail by SMTP, or by LMTP over a port.
public struct SMTPNextHop: Sendable, Hashable {
    /// A name or an address, the latter without brackets.
    public var host: String
    public var port: Int
    public var tls: NextHopTLS
    /// The path of the authorities whose certificates are believed, PEM; nil for those of the system.
    public var authorities: Located<String>?
    public var certificate: NextHopCertificate?
    public var login: NextHopLogin?
    public var timeouts = NextHopTimeouts()
}

extension NextHop {
    /// The server that is spoken to over a port.
    public var server: SMTPNextHop? {
        switch self {
        case .smtp(let server), .lmtp(let server): server
        case .lmtpSocket, .maildir, .discard: nil
        }
    }
}

extension SMTPNextHop {
    /// The paths of all files that it names.
    public var files: [String] {
        [authorities, certificate?.certificate, certificate?.key, login?.passwordFile].compactMap { $0?.value }
    }
}

/// The client certificate that a next hop is shown, as paths.
public struct NextHopCertificate: Sendable, Hashable {
    /// PEM: the certificate, then its issuers'.
    public var certificate: Located<String>
    /// PEM, without a pass phrase.
    public var key: Located<String>

    public init(certificate: Located<String>, key: Located<String>) {
        self.certificate = certificate
        self.key = key
    }
}

/// By which name and password Postern logs in.
public struct NextHopLogin: Sendable, Hashable {
    public var user: Located<String>
    /// The path of the file that holds the password, and at most a line end behind it.
    public var passwordFile: Located<String>
}

/// Whether the connection to a next hop has TLS.
public enum NextHopTLS: String, Sendable, CaseIterable {
    /// Never.
    case none
    /// With STARTTLS where it is offered, without a look at the certificate (RFC 7435).
    case may
    /// With STARTTLS and a verified certificate, or not at all.
    case verify
    /// At once, with a verified certificate.
    case implicit

    /// The port that IANA has registered for it.
    var standardPort: Int { self == .implicit ? 465 : 25 }

    var verifies: Bool { self == .verify || self == .implicit }
}

extension SMTPNextHop {
    /// A next hop as far as it has been read.
    struct Draft: Sendable {
        var host: Located<String>?
        /// In the place of the host and its port.
        var lmtp: Located<NextHop>?
        var port: Located<Int>?
        var tls: Located<NextHopTLS>?
        var authorities: Located<String>?
        var certificate: Located<String>?
        var key: Located<String>?
        var user: Located<String>?
        var passwordFile: Located<String>?
        var timeouts = NextHopTimeouts()

        /// Whether anything is to be shown or said of who we are, which the other side must have earned first.
        var hasCredentials: Bool { certificate ?? key ?? user ?? passwordFile != nil }
    }

    static let settings: [Setting<Draft>] = [
        Setting(
            name: "host", documentation: "A name or an address.", isRequired: true, substitute: "lmtp",
            example: .given("smtp.example.org"),
            read: { node, reader, draft in draft.host = reader.value(of: node, key: "host", as: .host) }),
        .located(
            "lmtp", \.lmtp, .lmtp, .standard("127.0.0.1:24"),
            "In the place of host and port: a server of LMTP, as HOST:PORT or by the path of its socket."),
        .located(
            "port", \.port, .number(1...65_535), .standard("25"), "Without it 25, with tls: implicit 465."),
        .located(
            "tls", \.tls, .choice, .standard("may"),
            "none: never. may: where it is offered, whatever its certificate. verify: with STARTTLS and a verified\n"
                + "certificate, or mail waits; the default with credentials. implicit: the same at once, as on 465."),
        .located(
            "ca", \.authorities, .path("the path of a PEM file"), .standard("ca.pem"),
            "The authorities that are believed, PEM. Without it: those of the system."),
        .located(
            "certificate", \.certificate, .path("the path of a PEM file"), .standard("client.pem"),
            "The certificate by which we log in, PEM: by AUTH EXTERNAL where it is listed, else with MAIL alone."),
        .located("key", \.key, .path("the path of a PEM file"), .standard("client.key"), "Its key, PEM."),
        .located(
            "user", \.user, .text("a name"), .standard("postern"),
            "The name by which we log in, with SCRAM-SHA-256 or PLAIN."),
        .located(
            "password-file", \.passwordFile, .path("the path of a file"), .standard("password"),
            "The file that holds its password."),
        Setting(
            name: "timeouts", documentation: "How long is waited (RFC 5321 section 4.5.3.2).", isRequired: false,
            example: .standardSection(Example.map(of: NextHopTimeouts.settings)),
            read: { node, reader, draft in draft.timeouts = reader.timeouts(of: node) }),
    ]

    /// A map with every key, as the comments of the example file show it.
    static let exampleLines = ["next-hop:"] + Example.map(of: settings).map { "  \($0)" }
}

extension Reader {
    /// A text of its form, or a map.
    func nextHop(of node: Node, key: String) -> Located<NextHop>? {
        guard case .mapping = node else { return value(of: node, key: key, as: .nextHop) }
        var draft = SMTPNextHop.Draft()
        read(node, as: SMTPNextHop.settings, named: key, at: location(of: node), into: &draft)
        let tls = draft.tls?.value ?? (draft.hasCredentials ? .verify : .may)
        if let authorities = draft.authorities, !tls.verifies {
            report(
                .rule(
                    "'ca' says whom to believe, and tls: \(tls.rawValue) asks for no certificate; write tls: verify"
                ),
                at: authorities.location)
        }
        if let place = draft.tls, draft.hasCredentials, !tls.verifies {
            let sentence = "tls: \(tls.rawValue) would show who we are to whoever answers; write verify or implicit"
            report(.rule(sentence), at: place.location)
        }
        let certificate = pair("certificate", draft.certificate, "key", draft.key)
        let login = pair("user", draft.user, "password-file", draft.passwordFile)
        if let lmtp = draft.lmtp { checkLMTP(lmtp, draft) }
        func server(_ host: String, _ port: Int) -> SMTPNextHop {
            SMTPNextHop(
                host: host, port: port, tls: tls, authorities: draft.authorities,
                certificate: certificate.map { NextHopCertificate(certificate: $0, key: $1) },
                login: login.map { NextHopLogin(user: $0, passwordFile: $1) }, timeouts: draft.timeouts)
        }
        let place = location(of: node)
        switch draft.lmtp?.value {
        case .lmtp(let hop): return Located(.lmtp(server(hop.host, hop.port)), at: place)
        case .lmtpSocket(let path, _): return Located(.lmtpSocket(path: path, timeouts: draft.timeouts), at: place)
        case .smtp, .maildir, .discard, nil:
            guard let host = draft.host else { return nil }
            return Located(.smtp(server(host.value, draft.port?.value ?? tls.standardPort)), at: place)
        }
    }

    /// What contradicts 'lmtp', or has no effect beside it.
    private func checkLMTP(_ lmtp: Located<NextHop>, _ draft: SMTPNextHop.Draft) {
        for (key, place) in [("host", draft.host?.location), ("port", draft.port?.location)] {
            guard let place else { continue }
            report(.rule("'lmtp' names the server and its port already; take '\(key)' out"), at: place)
        }
        guard case .lmtpSocket = lmtp.value else { return }
        let keys = [
            ("tls", draft.tls?.location), ("ca", draft.authorities?.location),
            ("certificate", draft.certificate?.location), ("key", draft.key?.location),
            ("user", draft.user?.location), ("password-file", draft.passwordFile?.location),
        ]
        for (key, place) in keys {
            guard let place else { continue }
            report(.rule("\(key): over a socket of this machine no TLS is spoken, and nobody logs in"), at: place)
        }
    }

    /// Two keys of which neither means anything alone.
    private func pair(
        _ firstName: String, _ first: Located<String>?, _ secondName: String, _ second: Located<String>?
    ) -> (Located<String>, Located<String>)? {
        if let first, let second { return (first, second) }
        for (name, key, other) in [(firstName, first, secondName), (secondName, second, firstName)] {
            guard let key else { continue }
            report(.rule("'\(name)' alone logs in nowhere; add '\(other)'"), at: key.location)
        }
        return nil
    }
}

extension Form where Value == NextHop {
    static var nextHop: Form {
        Form(
            expected: "HOST[:PORT], lmtp:HOST:PORT, lmtp:/SOCKET, maildir:DIR, discard: or a map with 'host' or 'lmtp'"
        ) {
            text, folder throws(Refusal) in
            if text == "discard:" || text == "discard" { return .discard }
            if let rest = text.behind("maildir:") {
                guard !rest.isEmpty else { throw Refusal(advice: "write the folder behind 'maildir:'") }
                if let advice = Form<String>.fault(ofPath: rest) { throw Refusal(advice: advice) }
                return .maildir(folder.resolve(rest))
            }
            if let rest = text.behind("lmtp:") { return try lmtp(rest) }
            if let advice = advice(for: text) { throw Refusal(advice: advice) }
            let (host, port) = try HostAndPort.split(text)
            return .smtp(SMTPNextHop(host: host, port: port ?? NextHopTLS.may.standardPort, tls: .may))
        } write: {
            switch $0 {
            case .smtp(let hop): "\(HostAndPort.written(hop.host)):\(hop.port)"
            case .lmtp(let hop): "lmtp:\(HostAndPort.written(hop.host)):\(hop.port)"
            case .lmtpSocket(let path, _): "lmtp:\(path)"
            case .maildir(let path): "maildir:\(path)"
            case .discard: "discard:"
            }
        }
    }

    private static func lmtp(_ text: String) throws(Refusal) -> NextHop {
        if text.hasPrefix("/"), !text.hasSuffix("/") {
            if let advice = Form<String>.fault(ofPath: text) { throw Refusal(advice: advice) }
            return .lmtpSocket(path: text)
        }
        guard !text.hasPrefix("/"), !text.hasPrefix("."), !text.hasPrefix("~"), !text.isEmpty else {
            throw Refusal(advice: "write the whole path of a socket, or a host and its port, behind 'lmtp:'")
        }
        let (host, port) = try HostAndPort.split(text)
        // LMTP has no port of its own (RFC 2033 §5), and must not be spoken on 25.
        guard let port, port != 25 else { throw Refusal(advice: "write the port of LMTP behind the host, such as 24") }
        return .lmtp(SMTPNextHop(host: host, port: port, tls: .may))
    }

    /// What stands behind `lmtp:`, on its own.
    static var lmtp: Form {
        Form(expected: "HOST:PORT, or the whole path of a socket") { text, _ throws(Refusal) in
            try lmtp(text)
        } write: {
            String(Form.nextHop.write($0).dropFirst("lmtp:".count))
        }
    }

    private static func advice(for text: String) -> String? {
        if text == "maildir" { return "write the folder behind it: maildir:DIR" }
        if text == "lmtp" { return "write a socket or a host and its port behind it: lmtp:/run/dovecot/lmtp" }
        if text.hasPrefix("discard:") { return "nothing follows 'discard:'" }
        if text.hasPrefix("/") || text.hasPrefix(".") { return "for a Maildir write 'maildir:\(text)'" }
        if let rest = text.behind("smtp:") ?? text.behind("smtp://") { return "write the host alone: '\(rest)'" }
        // A slip in another form would else be looked up as a host for ever.
        if !text.contains("."), !text.contains(":"), text != "localhost" {
            return "a host of one word needs its port behind it: '\(text):25'"
        }
        return nil
    }
}

extension Form where Value == String {
    /// A host, an IPv6 address with brackets or without.
    fileprivate static var host: Form {
        Form(expected: "a host such as smtp.example.org, or an address") { text, _ throws(Refusal) in
            if Form<String>.isAddress(text) { return text }
            do throws(Form<NextHop>.Refusal) {
                let (host, port) = try HostAndPort.split(text)
                guard port == nil else { throw Form<NextHop>.Refusal(advice: "write the port behind 'port:'") }
                return host
            } catch {
                throw Refusal(advice: error.advice)
            }
        } write: {
            $0
        }
    }
}

/// `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`.
private enum HostAndPort {
    static func split(_ text: String) throws(Form<NextHop>.Refusal) -> (host: String, port: Int?) {
        if Form<String>.isAddress(text), text.contains(":") {
            throw Form<NextHop>.Refusal(advice: "write an IPv6 address in brackets and quotes: \"[\(text)]:25\"")
        }
        let (host, rest) = try hostAndRest(text)
        guard !rest.isEmpty else { return (host, nil) }
        guard let port = Int(rest.dropFirst()), (1...65_535).contains(port), rest.dropFirst().allSatisfy(\.isNumber)
        else { throw Form<NextHop>.Refusal(advice: "a port is a number from 1 to 65535") }
        return (host, port)
    }

    static func written(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// The host, and what follows it from the colon on.
    private static func hostAndRest(_ text: String) throws(Form<NextHop>.Refusal) -> (String, Substring) {
        if text.hasPrefix("[") {
            let host = text.dropFirst().prefix { $0 != "]" }
            let rest = text.dropFirst(host.count + 2)
            guard Form<String>.isAddress(String(host)), text.dropFirst(host.count + 1).first == "]",
                rest.isEmpty || rest.hasPrefix(":")
            else {
                throw Form<NextHop>.Refusal(advice: "expected an IP address in the brackets")
            }
            return (String(host), rest)
        }
        let host = text.prefix { $0 != ":" }
        // Names of the field hold underscores too; nothing else that a resolver takes is meant by anybody.
        let isName = host.utf8.allSatisfy { octet in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet
                || "-._".utf8.contains(octet)
        }
        guard isName, host.first != ".", host.first != "-", !host.isEmpty, host.utf8.count <= 253 else {
            throw Form<NextHop>.Refusal()
        }
        return (String(host), text.dropFirst(host.count))
    }
}

extension String {
    /// What follows a prefix; nil where it does not stand.
    fileprivate func behind(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
