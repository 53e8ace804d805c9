import NIOCore
import PosternCertificates
import PosternConnection
import PosternMail
import PosternProbe
import PosternSubmission

/// Asks this server's own listeners what they do with certificates, and compares it with their policies.
struct ListenerProbe: Sendable {
    let assembled: Assembled
    /// The ports on which they listen, where those of the configuration are not the ones.
    var ports: [String: Int] = [:]

    /// - Returns: what differs, by the listeners' names, in the configuration's order; an empty list where nothing does.
    func differences() async throws -> [(listener: String, differences: [String])] {
        let own = assembled.probe
        let credentials = try ProbeCredentials(
            servedBy: assembled.serverCertificate.facts.certificateFingerprint, own: own?.identity, at: .now)
        // They are asked one after the other, each with a budget of its own, since they are ours.
        var found: [(listener: String, differences: [String])] = []
        for listener in assembled.listeners {
            let question = ProbeQuestion(
                sender: own?.sender ?? listener.settings.postmaster, recipient: nil, hostname: assembled.hostname.text,
                certificate: own.map { _ in OwnCertificate() })
            let prober = Prober(question, credentials)
            var budget = ProbeBudget()
            let evidence = await prober.evidence(of: [target(listener)], at: .now, spending: &budget)
            let differences = evidence.flatMap {
                SelfCheck.differences(PortReport($0), SelfCheck.Expectation(listener.settings.listener))
            }
            found.append((listener.name, differences))
        }
        return found
    }

    private func target(_ listener: AssembledListener) -> ProbeTarget {
        ProbeTarget(
            host: Self.host(listener.address), port: ports[listener.name] ?? listener.port,
            security: listener.settings.listener.tls == .implicit ? .implicit : .starttls)
    }

    /// Who listens on all addresses listens on this machine's own.
    private static func host(_ address: String?) -> String {
        guard let address, address != "0.0.0.0" else { return "127.0.0.1" }
        return address == "::" ? "::1" : address
    }
}

extension SelfCheck.Expectation {
    /// What its policy says.
    init(_ listener: ListenerSettings) {
        let verdict: Verdict.Kind =
            switch listener.policy {
            case .both: .both
            case .explicit, .strict: .externalOnly
            case .implicit: .implicitOnly
            case .off: .ignoresCertificates
            }
        self.init(verdict: verdict, endsUnknown: listener.unusable == .abort)
    }
}
