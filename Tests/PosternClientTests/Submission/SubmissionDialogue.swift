import PosternConnection
import PosternMail
import PosternSASL
import PosternSMTP
import Testing

@testable import PosternClient

/// A submission from its first connection to its last, without a network: the lines of a `ClientDialogue`, and
///
///     CONNECT 465        the plan must want a connection to this port
///     FAIL unreachable   which does not come about
///     => accepted WHO    the message must be with the server, and WHO be how the client showed who it is
///     => REASON, RETRY   the error that the caller gets
struct SubmissionDialogue {
    private let means: SubmissionPlan.Means
    private let message: OutgoingMessage?
    private let isBytewise: Bool
    private var plan: SubmissionPlan
    private var outcome: String?
    /// What would be remembered.
    private var memory: CertificateResult??

    struct Scene {
        var certificate = true
        var password = false
        var policy = CertificatePolicy.automatic
        var accountName: String?
        var usesPasswordAfterRefusedCertificate = false
        var ports: [SubmissionPort] = [.submissions]
        var remembered: CertificateResult?
        var recipients = ["bob@example.net"]
        var isAllOrNothing = true
        var isCheck = false
    }

    static func check(
        _ text: String, _ scene: Scene = Scene(), remembers: CertificateResult?? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for isBytewise in [false, true] {
            var dialogue = try SubmissionDialogue(scene, isBytewise: isBytewise)
            try dialogue.play(text, at: sourceLocation)
            if let remembers {
                #expect(dialogue.memory == .some(remembers), "what is remembered", sourceLocation: sourceLocation)
            }
        }
    }

    private init(_ scene: Scene, isBytewise: Bool) throws {
        means = SubmissionPlan.Means(
            hasCertificate: scene.certificate, hasLogin: scene.password, policy: scene.policy,
            accountName: scene.accountName,
            usesPasswordAfterRefusedCertificate: scene.usesPasswordAfterRefusedCertificate)
        var remembered: [Int: CertificateResult] = [:]
        if let result = scene.remembered { remembered[scene.ports[0].number] = result }
        plan = try #require(SubmissionPlan(means, ports: scene.ports, remembered: remembered))
        let sender = try #require(Mailbox("alice@example.org"))
        let envelope = try #require(
            Envelope(reversePath: .mailbox(sender), recipients: scene.recipients.compactMap { Mailbox($0) }))
        message =
            scene.isCheck ? nil : OutgoingMessage(envelope, length: 100, isAllOrNothing: scene.isAllOrNothing)
        self.isBytewise = isBytewise
    }

    private mutating func play(_ text: String, at location: SourceLocation) throws {
        var lines = text.split(separator: "\n").map(String.init)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("=> ") {
                #expect(outcome == String(line.dropFirst(3)), sourceLocation: location)
                outcome = nil
                continue
            }
            #expect(line == "CONNECT \(plan.attempt.port.number)", sourceLocation: location)
            #expect(outcome == nil, "no connection is due any more", sourceLocation: location)
            let dialogue = lines.prefix { !$0.hasPrefix("CONNECT") && !$0.hasPrefix("=>") }
            lines = lines.dropFirst(dialogue.count)
            try connect(Array(dialogue), at: location)
        }
        #expect(outcome == nil, "the end is not told", sourceLocation: location)
    }

    private mutating func connect(_ lines: [String], at location: SourceLocation) throws {
        if lines.first?.hasPrefix("FAIL") == true {
            let failure = ClientFailure(code: "4.4.1", text: "refused", .cannotConnect(.unreachable))
            return goOn([], failure, nil)
        }
        let attempt = plan.attempt
        let tls: ClientTLS = attempt.port.security == .implicitTLS ? .implicit : .verify
        let login = means.hasLogin ? try ClientCredentials.sample().login : nil
        var settings = ClientSettings(
            hostname: "client.example.org", tls: tls, credentials: ClientCredentials(login: login))
        settings.submission = attempt.method
        let shows = means.hasCertificate && attempt.method.showsCertificate
        var dialogue = ClientDialogue(settings, message, showsCertificate: shows, isBytewise: isBytewise)
        dialogue.perform(lines, at: location)
        let (results, failure) = dialogue.conclusion(at: location)
        let session = dialogue.session
        let facts = ClientFacts(
            port: attempt.port, authentication: session.authentication, isExternalTried: session.isExternalTried,
            tls: session.isSecure ? "TLS 1.3" : nil, isCertificateRequested: session.isCertificateRequested,
            isCertificateShown: session.isCertificateShown, capabilities: session.capabilities, transcript: [])
        goOn(results, failure, facts)
    }

    /// As `SubmissionClient` does.
    private mutating func goOn(_ results: [RecipientResult], _ failure: ClientFailure?, _ facts: ClientFacts?) {
        let conclusion = ClientErrand.Conclusion(results: results, failure: failure, facts: facts)
        let attempt = plan.attempt
        let failure = failure ?? conclusion.decisiveFailure
        if conclusion.acceptance != nil || failure == nil {
            outcome = "accepted \(facts.map { "\($0.authentication)" } ?? "")"
            memory = facts.map { plan.result(of: $0.authentication) }
            return
        }
        guard let failure, !plan.goOn(after: failure, facts) else { return }
        let error = SubmissionDiagnosis(
            failure: failure, facts: facts, attempt: attempt, host: "mx", externalRefusal: plan.externalRefusal,
            earlierPorts: plan.earlierPorts
        ).error()
        outcome = "\(error.reason), \(error.retry.word)"
    }
}

extension SubmissionError.Retry {
    var word: String {
        switch self {
        case .no: "give up"
        case .later: "later"
        case .unsafe: "unsafe"
        }
    }
}
