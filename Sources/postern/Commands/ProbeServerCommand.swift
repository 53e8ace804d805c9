import ArgumentParser
import Glibc
import PosternCertificates
import PosternConfiguration
import PosternConnection
import PosternMail
import PosternProbe
import PosternQueue

/// `postern probe`: what a server does with client certificates.
struct ProbeServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Say what a mail server does with client certificates, and show the evidence.",
        discussion: """
            Speaks to 587 and 465 unless a port is named, in at most six connections each and one a second, and sends no \
            content: nothing is delivered. Without --certificate it can say whether a certificate is asked for, but not \
            what for. Name as --rcpt a mailbox of your own that is not on this server: many servers decide there.

            Ends with 0 for BOTH, 10 A-ONLY, 11 B-ONLY, 12 IGNORES-CERTIFICATES, 13 GATE, 20 EXTERNAL-BROKEN, \
            21 CERTIFICATE-NOT-TRUSTED, 30 OPEN-OR-IP-TRUSTED and INCONCLUSIVE, 69 UNREACHABLE, 75 TEMPORARY; of two \
            ports the worse one counts.
            """)

    enum Security: String, ExpressibleByArgument, CaseIterable {
        case implicit
        case starttls
    }

    @Argument(
        help: ArgumentHelp("The server, such as mail.example.org or [2001:db8::1]:587.", valueName: "host[:port]"))
    var server: String

    @Option(help: "How TLS begins on the named port. (default: implicit on 465, else starttls)")
    var tls: Security?

    @Option(help: "The authorities of the server, in PEM. (default: those of the system)")
    var ca: String?

    @Option(
        help: "Your certificate with its chain, in PEM or PKCS#12. It is shown once the server's name is verified.")
    var certificate: String?

    @Option(help: "Its key, in PEM. (default: the one in the certificate's file)")
    var key: String?

    @Option(help: "The pass phrase of the key or of PKCS#12: the first line of this file.")
    var passphraseFile: String?

    @Flag(help: "Show your certificate to whoever answers: the server's own is not verified.")
    var insecure = false

    @Flag(help: "Say AUTH EXTERNAL also where it is not listed.")
    var tryUnlisted = false

    @Option(help: "Your address on this server. (default: the one in the certificate)")
    var from: String?

    @Option(help: "An address of yours elsewhere.")
    var rcpt: String?

    @Option(help: "The name for EHLO. (default: this machine's)")
    var ehlo: String?

    @Flag(help: "Go through the conformance list too, in up to twelve connections a port.")
    var extended = false

    @Flag(help: "Print JSON, which docs/probe.schema.json describes.")
    var json = false

    @Option(help: "Write a page for a browser to this file.")
    var html: String?

    @Option(help: "Ask again after so many seconds, at least 60, without end, and say when the verdict changes.")
    var watch: Int?

    func validate() throws {
        if let watch, watch < 60 { throw ValidationError("--watch: expected at least 60 seconds, found \(watch)") }
        if certificate == nil, key != nil || passphraseFile != nil || insecure || tryUnlisted {
            throw ValidationError(
                "--key, --passphrase-file, --insecure and --try-unlisted are about a certificate: name it by --certificate"
            )
        }
        guard !insecure || ca == nil else {
            throw ValidationError("--insecure verifies nothing, and --ca says by what to verify: leave one of them out")
        }
    }

    func run() async throws {
        let targets = try targets()
        let own = try identity()
        let question = try question(own)
        let credentials = try credentials(own?.identity)
        let prober = Prober(question, credentials)
        guard let watch else {
            let report = await Self.ask(targets, prober, question)
            try show(report)
            throw ExitCode(report.exitStatus)
        }
        try await watchOver(targets, prober, question, every: .seconds(watch))
    }

    static func ask(_ targets: [ProbeTarget], _ prober: Prober, _ question: ProbeQuestion) async -> ProbeReport {
        var budget = ProbeBudget(isExtended: question.isExtended)
        let ports = await prober.evidence(of: targets, at: .now, spending: &budget)
        return ProbeReport(ports, failedAuthentications: budget.failedAuthentications)
    }

    // MARK: Showing

    private func show(_ report: ProbeReport) throws {
        if let html {
            let page = DescriptorOutput(descriptor: try Self.create(html))
            defer { close(page.descriptor) }
            guard page.write(Array(HTMLReport.page(report).utf8)) else { throw ProbeError.unwritable(html) }
        }
        if json {
            DescriptorOutput(descriptor: STDOUT_FILENO).write(JSONReport.octets(report))
        } else {
            for line in TextReport.lines(report) { Terminal.print(line) }
        }
    }

    private static func create(_ path: String) throws(ProbeError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path) }
        return descriptor
    }

    /// The whole report at first, then a line for each change.
    private func watchOver(
        _ targets: [ProbeTarget], _ prober: Prober, _ question: ProbeQuestion, every interval: Duration
    ) async throws {
        var last: [Verdict.Kind] = []
        while true {
            let report = await Self.ask(targets, prober, question)
            let kinds = report.ports.map(\.verdict.kind)
            if last.isEmpty {
                try show(report)
            } else {
                for (port, before) in zip(report.ports, last) where port.verdict.kind != before {
                    let words = "\(before.rawValue) -> \(port.verdict.kind.rawValue): \(port.verdict.reason)"
                    Terminal.print("\(Timestamp.now.logText)  \(port.evidence.target)  \(words)")
                }
            }
            last = kinds
            try await Task.sleep(for: interval)
        }
    }

    // MARK: What was typed

    private func targets() throws(ProbeError) -> [ProbeTarget] {
        guard let address = ServerAddress(server) else { throw .badServer(server) }
        let (host, port) = (address.host, address.port)
        guard let port else {
            return [
                ProbeTarget(host: host, port: 587, security: .starttls),
                ProbeTarget(host: host, port: 465, security: .implicit),
            ].filter { tls == nil || $0.security.rawValue == tls?.rawValue }
        }
        let security = tls?.rawValue ?? (port == 465 ? "implicit" : "starttls")
        return [ProbeTarget(host: host, port: port, security: security == "implicit" ? .implicit : .starttls)]
    }

    private func trust() throws(ProbeError) -> ClientTrust {
        guard let ca else { return .system }
        let octets = try Self.contents(ca)
        do throws(ClientTrustFault) { return try ClientTrust(pem: octets) } catch { throw .notPEM(ca) }
    }

    private func credentials(_ own: ClientIdentity?) throws -> ProbeCredentials {
        let trust = insecure ? nil : try trust()
        do {
            guard let trust else { return try ProbeCredentials(toAnybody: own, at: .now) }
            return try ProbeCredentials(trust: trust, own: own, at: .now)
        } catch {
            throw ProbeError.unusableCertificate(certificate ?? "", reason: IdentityFault.words(error))
        }
    }

    private func identity() throws(ProbeError) -> (identity: ClientIdentity, facts: CertificateFacts?)? {
        guard let certificate else { return nil }
        let contents = try Self.contents(certificate)
        let passphrase = try passphrase()
        let keyContents = key == nil ? nil : try key.map(Self.contents)
        do {
            let identity =
                PresentedChain.isPEM(contents)
                ? try ClientIdentity(certificate: contents, key: keyContents ?? contents, passphrase: passphrase)
                : try ClientIdentity(pkcs12: contents, passphrase: passphrase)
            return (identity, Examination(of: PresentedChain(der: identity.der), against: .nobody).facts)
        } catch {
            throw .unusableCertificate(certificate, reason: IdentityFault.words(error))
        }
    }

    private func passphrase() throws(ProbeError) -> [UInt8]? {
        guard let passphraseFile else { return nil }
        let line = try Self.contents(passphraseFile).prefix { $0 != UInt8(ascii: "\n") }
        return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }

    private func question(
        _ own: (identity: ClientIdentity, facts: CertificateFacts?)?
    ) throws(ProbeError) -> ProbeQuestion {
        guard let text = from ?? own?.facts?.mailboxes.first?.description else { throw .noSender }
        guard let sender = Mailbox(text) else { throw .badAddress("--from", text) }
        var recipient: Mailbox?
        if let rcpt {
            guard let mailbox = Mailbox(rcpt) else { throw .badAddress("--rcpt", rcpt) }
            recipient = mailbox
        }
        let name = ehlo ?? Self.machineName
        var question = ProbeQuestion(
            sender: sender, recipient: recipient, hostname: Domain(name)?.text ?? "localhost",
            certificate: own.map { own in
                let name = own.facts?.commonName
                return OwnCertificate(own.identity, commonName: name == sender.description ? nil : name)
            })
        question.isExtended = extended
        question.triesUnlisted = tryUnlisted
        question.showsToAnybody = insecure
        return question
    }

    static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func contents(_ path: String) throws(ProbeError) -> [UInt8] {
        do throws(FileContents.Failure) {
            return try FileContents.of(path, limit: 1 << 20)
        } catch {
            throw .unreadable(path, reason: error.reason)
        }
    }
}

/// Why a server cannot be asked.
enum ProbeError: CommandError {
    case badServer(String)
    case badAddress(String, String)
    case noSender
    case unreadable(String, reason: String)
    case unwritable(String)
    case notPEM(String)
    case unusableCertificate(String, reason: String)

    var description: String {
        switch self {
        case .badServer(let text):
            "expected a server such as mail.example.org, mail.example.org:587 or [2001:db8::1]:465, found '\(SafeText.escape(text))'"
        case .badAddress(let option, let text):
            "\(option): expected an address such as alice@example.org, found '\(SafeText.escape(text))'"
        case .noSender: "--from: name your address on this server; the certificate, if there is one, holds none"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .unwritable(let path): "\(path) cannot be written: \(SystemError.text)"
        case .notPEM(let path):
            "\(path) holds no certificate, or a damaged one; expected the server's authorities in PEM"
        case .unusableCertificate(let path, let reason):
            "\(path) and its key cannot be used: \(reason); expected both in PEM, or PKCS#12, and the pass phrase in --passphrase-file"
        }
    }

    var status: ExitCode {
        switch self {
        case .badServer, .badAddress, .noSender: .usage
        case .unreadable: .noInput
        case .unwritable: .cannotCreate
        case .notPEM, .unusableCertificate: .dataError
        }
    }
}
