import PosternIdentity
import PosternMail
import PosternSubmission

extension Transcript {
    /// Reads a transcript's text.
    package init(name: String, text: String) throws {
        self.name = name
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let head = lines.prefix { !$0.isEmpty }
        heading = head.filter { $0.hasPrefix("#") }.map { $0.drop { $0 == "#" || $0 == " " } }.joined(separator: " ")
        let settings = try TranscriptSettings(head.filter { !$0.hasPrefix("#") }, file: name)
        scenarios = settings.scenarios
        isCut = settings.isCut
        var segments = [Segment()]
        for line in lines.dropFirst(head.count) where !line.isEmpty && !line.hasPrefix("#") {
            try Self.read(line, settings, into: &segments, file: name)
        }
        self.segments = segments
    }

    private static func read(
        _ line: Substring, _ settings: TranscriptSettings, into segments: inout [Segment], file: String
    ) throws {
        if let happening = try Happening(line, file: file) {
            // Who says OPEN leaves the greeting to it.
            if case .open = happening { segments.removeLast() }
            segments.append(Segment(happening: happening))
            return
        }
        guard let first = line.first, let mark = line.firstIndex(where: { $0 == ":" || $0 == "!" }),
            let count = mark == line.index(after: line.startIndex)
                ? 1 : Int(line[..<mark].dropFirst().drop { $0 == "*" })
        else { throw TranscriptError.badLine(file: file, String(line)) }
        let text = line[mark...].dropFirst(2)
        let last = segments.count - 1
        switch first {
        case "C":
            for number in 1...count {
                segments[last].octets += try TranscriptText.octets(text, number: number)
                if line[mark] == ":" { segments[last].octets += [0x0D, 0x0A] }
            }
        case "S":
            if text == "{ehlo}" || text.hasPrefix("{ehlo ") {
                let mechanisms = text.dropFirst("{ehlo".count).dropLast().drop { $0 == " " }
                segments[last].replies += TranscriptText.ehlo(mechanisms, limits: settings.limits)
            } else {
                for number in 1...count {
                    let octets = try TranscriptText.octets(text, number: number)
                    segments[last].replies.append(String(decoding: octets, as: UTF8.self))
                }
            }
        case "Q":
            let summary = String(decoding: try TranscriptText.octets(text), as: UTF8.self)
            segments[last].messages.append(ExpectedMessage(summary: summary, lines: nil))
        case "M":
            let message = segments[last].messages.count - 1
            guard message >= 0 else { throw TranscriptError.badLine(file: file, String(line)) }
            for number in 1...count {
                let octets = try TranscriptText.octets(text, number: number)
                segments[last].messages[message].lines =
                    (segments[last].messages[message].lines ?? [])
                    + [octets.map(TranscriptReplay.visible).joined()]
            }
        default: throw TranscriptError.badLine(file: file, String(line))
        }
    }
}

extension Happening {
    /// Nil where the line is none.
    init?(_ line: Substring, file: String) throws {
        if line == "TLS:" {
            self = .tls
        } else if line == "OPEN:" {
            self = .open
        } else if line.hasPrefix("-- ") {
            let words = line.dropFirst(3).split(separator: " ")
            guard let happening = Self.named(words) else { throw TranscriptError.badLine(file: file, String(line)) }
            self = happening
        } else {
            return nil
        }
    }

    private static func named(_ words: [Substring]) -> Happening? {
        let argument = words.dropFirst().joined(separator: " ")
        switch (words.first, argument) {
        case ("wait", _): return Int(argument).map { .wait(seconds: $0) }
        case ("date", _): return Int(argument).map { .date(days: $0) }
        case ("drain", ""): return .drain
        case ("close", ""): return .clientCloses
        case ("disable", _): return .disable(argument)
        case ("remove", _): return .remove(argument)
        case ("revoke", _): return ClientCertificate(rawValue: argument).map { .revoke($0) }
        case ("lists", _): return Identities.Lists(rawValue: argument).map { .lists($0) }
        case ("move", _) where words.count == 3: return .move(address: String(words[1]), to: String(words[2]))
        case ("storage", "full"): return .storage(.full)
        case ("storage", "broken"): return .storage(.broken)
        case ("storage", "works"): return .storage(nil)
        case ("workers", "busy"): return .passwords(.workersBusy)
        case ("guesses", "too many"): return .passwords(.tooManyFailures)
        case ("guesses", "at the account"): return .passwords(.accountUnderAttack)
        case ("workers", "free"), ("guesses", "few"): return .passwords(nil)
        case ("stress", "begins"), ("stress", "ends"): return .stress(begins: argument == "begins")
        case ("room", "none"), ("room", "again"): return .room(isThere: argument == "again")
        case ("memory", "full"), ("memory", "free"): return .memory(isFree: argument == "free")
        case ("tls", _): return TLSVersion(rawValue: argument).map { .version($0) }
        default: return nil
        }
    }
}

/// The lines between a transcript's heading and its dialogue.
struct TranscriptSettings {
    private var policies = CertificatePolicy.allCases
    private var listeners = TLSMode.allCases
    private var certificates = [ClientCertificate.none]
    private var adjustments: [@Sendable (inout ListenerSettings) -> Void] = []
    private var identities = Identities()
    private var version = TLSVersion.v13
    private(set) var limits = Limits.usual
    private(set) var isCut = true

    init(_ lines: [Substring], file: String) throws {
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), set(line[..<colon], String(line[colon...].dropFirst(2))) else {
                throw TranscriptError.badSetting(file: file, String(line))
            }
        }
    }

    var scenarios: [Scenario] {
        policies.flatMap { policy in
            listeners.flatMap { listener in
                certificates.map { certificate in
                    var scenario = Scenario(policy, listener, certificate)
                    for adjust in adjustments { adjust(&scenario.listener) }
                    scenario.limits = limits
                    scenario.identities = identities
                    scenario.tlsVersion = version
                    return scenario
                }
            }
        }
    }

    private mutating func set(_ key: Substring, _ value: String) -> Bool {
        switch (key, value) {
        case ("policy", "all"): policies = CertificatePolicy.allCases
        case ("policy", _): policies = Self.list(value)
        case ("listener", _): listeners = Self.list(value)
        case ("certificate", _): certificates = Self.list(value)
        case ("bare-newline", "normalize"): adjustments.append { $0.bareLineEnds = .normalize }
        case ("alice's bare-newline", _):
            guard let rule = BareLineEnds(rawValue: value) else { return false }
            identities.bareLineEnds = rule
        case ("replay", "whole"): isCut = false
        case ("unusable", _):
            guard let handling = UnusableHandling(rawValue: value) else { return false }
            adjustments.append { $0.unusable = handling }
        case ("certificate-account", "must-match"): adjustments.append { $0.certificateMustMatchAccount = true }
        case ("passwords-with-mapped-certificate", "withhold"):
            adjustments.append { $0.withholdsPasswordsFromCertificates = true }
        case ("external-authzid", "ignore"): adjustments.append { $0.authorizationIdentityRule = .ignore }
        case ("strict-sasl", "true"): adjustments.append { $0.isSASLStrict = true }
        case ("client-cert-min-tls", "1.3"): adjustments.append { $0.minimumTLSForCertificates = .v13 }
        case ("tls", _):
            guard let wanted = TLSVersion(rawValue: value) else { return false }
            version = wanted
        case ("lists", _):
            guard let lists = Identities.Lists(rawValue: value) else { return false }
            identities.lists = lists
        default: return setLimit(key, value)
        }
        return !policies.isEmpty && !listeners.isEmpty && !certificates.isEmpty
    }

    private mutating func setLimit(_ key: Substring, _ value: String) -> Bool {
        guard let number = Int(value) else { return false }
        switch key {
        case "command-line": limits.commandLine = number
        case "auth-line": limits.authLine = number
        case "text-line": limits.textLine = number
        case "header": limits.header = number
        case "header-fields": limits.headerFields = number
        case "message": limits.message = number
        case "recipients": limits.recipients = number
        case "transactions": limits.transactions = number
        case "received": limits.receivedLines = number
        case "errors": limits.errors = number
        case "idle": limits.idle = .seconds(number)
        case "data-rate": limits.dataRate = number
        case "message-time": limits.messageTime = .seconds(number)
        case "handshake": limits.handshake = .seconds(number)
        default: return false
        }
        return true
    }

    /// Empty where one of the words is unknown.
    private static func list<Value: RawRepresentable<String>>(_ text: String) -> [Value] {
        let values = text.split(separator: ",").map { word in Value(rawValue: String(word.drop { $0 == " " })) }
        return values.contains { $0 == nil } ? [] : values.compactMap { $0 }
    }
}
