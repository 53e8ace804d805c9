import PosternClient
import PosternConfiguration
import PosternConnection
import PosternDelivery
import PosternMail

/// The next hop of the file, with the authorities that it names.
extension Assembler {
    /// - Parameter hostname: nil where it is wrong; the rest is checked all the same.
    mutating func route(_ nextHop: Located<NextHop>, from hostname: Domain?) -> (any Route)? {
        switch nextHop.value {
        case .maildir(let path):
            checkFolder(path, named: "next-hop", at: nextHop.location)
            return MaildirRoute(path: path)
        case .discard:
            return DiscardRoute()
        case .lmtpSocket(let path, let timeouts):
            let settings = ClientSettings(
                hostname: hostname?.text ?? "", dialect: .lmtp, tls: .none, timeouts: ClientTimeouts(timeouts))
            return relay(.socket(path: path), settings, at: nextHop.location)
        case .lmtp(let server): return route(to: server, .lmtp, from: hostname, at: nextHop.location)
        case .smtp(let server): return route(to: server, .smtp, from: hostname, at: nextHop.location)
        }
    }

    private mutating func route(
        to server: SMTPNextHop, _ dialect: ClientSettings.Dialect, from hostname: Domain?, at location: SourceLocation
    ) -> (any Route)? {
        let trust = trust(server.authorities)
        let credentials = credentials(server)
        guard let trust, let credentials else { return nil }
        let settings = ClientSettings(
            hostname: hostname?.text ?? "", dialect: dialect, tls: ClientTLS(server.tls),
            credentials: ClientCredentials(login: credentials.login), timeouts: ClientTimeouts(server.timeouts))
        return relay(.host(server.host, port: server.port), settings, trust, credentials.identity, at: location)
    }

    private mutating func relay(
        _ endpoint: ClientEndpoint, _ settings: ClientSettings, _ trust: ClientTrust = .system,
        _ identity: ClientIdentity? = nil, at location: SourceLocation
    ) -> (any Route)? {
        do {
            return SMTPRoute(to: try NextHopClient(endpoint, settings, trust: trust, identity: identity))
        } catch {
            report("next-hop: TLS cannot be set up: \(error)", at: location)
            return nil
        }
    }

    private mutating func trust(_ authorities: Located<String>?) -> ClientTrust? {
        guard let authorities else { return .system }
        guard let octets = contents(of: authorities, named: "ca") else { return nil }
        guard let trust = try? ClientTrust(pem: octets) else {
            let sentence = "ca: \(shown(authorities.value)) holds no certificate, or a damaged one"
            report("\(sentence); expected the authorities of the next hop, in PEM", at: authorities.location)
            return nil
        }
        return trust
    }
}

extension ClientTLS {
    fileprivate init(_ tls: NextHopTLS) {
        self =
            switch tls {
            case .none: .none
            case .may: .may
            case .verify: .verify
            case .implicit: .implicit
            }
    }
}

extension ClientTimeouts {
    fileprivate init(_ timeouts: NextHopTimeouts) {
        self.init()
        connection = timeouts.connection
        handshake = timeouts.handshake
        greeting = timeouts.greeting
        hello = timeouts.hello
        mail = timeouts.mail
        recipient = timeouts.recipient
        data = timeouts.data
        block = timeouts.block
        endOfData = timeouts.endOfData
    }
}
