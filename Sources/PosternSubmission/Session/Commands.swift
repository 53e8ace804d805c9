import NIOCore
import PosternCertificates
import PosternIdentity
import PosternMail
import PosternSMTP

/// Command lines, and the order in which they are refused (standards/policies.md 7.3.1).
extension Session {
    mutating func takeCommandLine(
        _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        if dialogue.tls == nil, reader.isAtLineStart, input.readableBytesView.first == Self.tlsHandshakeRecord {
            actions.append(.log(.tlsOnClearPort))
            return close(.tlsOnClearPort, .commanding(dialogue), &actions)
        }
        let limits = surroundings.settings.limits
        let longest = max(limits.commandLine, limits.authLine)
        switch reader.next(from: &input, limit: longest, abandon: limits.abandonedLine) {
        case .incomplete: return .commanding(dialogue)
        case .endless: return close(.endlessLine, .commanding(dialogue), &actions)
        case .tooLong(let beginning): return refuseLong(beginning, dialogue, surroundings, &actions)
        case .line(let line):
            // RFC 4954 §4: only the lines of AUTH may be longer than others.
            let limit = isAuth(line) ? limits.authLine : limits.commandLine
            guard line.count + 2 <= limit else { return refuseLong(line, dialogue, surroundings, &actions) }
            return command(in: line, dialogue, surroundings, &actions)
        }
    }

    private func isAuth(_ line: [UInt8]) -> Bool {
        begins(line, with: "auth ")
    }

    /// Asked of each command line: it makes nothing.
    /// - Parameter beginning: in lower case.
    private func begins(_ line: [UInt8], with beginning: StaticString) -> Bool {
        let length = beginning.utf8CodeUnitCount
        guard line.count >= length else { return false }
        return beginning.withUTF8Buffer { expected in
            (0..<length).allSatisfy { line[$0].asciiLowercased == expected[$0] }
        }
    }

    private func isBDAT(_ line: [UInt8]) -> Bool {
        begins(line, with: "bdat")
    }

    private func refuseLong(
        _ line: [UInt8], _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        guard !isBDAT(line) else { return closeBeforeChunk(dialogue, surroundings, &actions) }
        let limits = surroundings.settings.limits
        let isAuth = isAuth(line)
        let refusal = isAuth ? Refusal.authLineTooLong(limit: limits.authLine) : .lineTooLong(limit: limits.commandLine)
        let refusalOfAll = refusalOfAll(in: dialogue, surroundings)
        return refuse(refusalOfAll ?? refusal, of: isAuth ? .auth : nil, dialogue, surroundings, &actions)
    }

    /// The first octet of a TLS record that carries a handshake (RFC 8446 §5.1). No command begins with it.
    private static var tlsHandshakeRecord: UInt8 { 0x16 }

    private func command(
        in line: [UInt8], _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        let command: Command
        do throws(CommandError) {
            command = try Command(parsing: line[...])
        } catch {
            guard !isBDAT(line) else { return closeBeforeChunk(dialogue, surroundings, &actions) }
            return refuse(error, dialogue, surroundings, &actions)
        }
        var dialogue = dialogue
        if command.verb == .mail {
            let limit = surroundings.settings.limits.transactions
            dialogue.mails += 1
            guard dialogue.mails <= limit else {
                return close(.tooManyTransactions(limit: limit), .commanding(dialogue), &actions)
            }
        }
        let refusal = refusal(of: command, in: dialogue, surroundings)
        if case .bdat(let chunk) = command { return bdat(chunk, refusal, dialogue, surroundings, &actions) }
        if let refusal {
            return refuse(refusal, of: command.verb, dialogue, surroundings, &actions)
        }
        return execute(command, dialogue, surroundings, &actions)
    }

    /// A line that is no command. What another protocol says at a session's beginning ends it: a browser was led here
    /// to make this server speak for its victim (ALPACA).
    private func refuse(
        _ error: CommandError, _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        if error == .anotherProtocol, dialogue.hello == nil {
            actions.append(.log(.anotherProtocol))
            return close(.syntax(error), .commanding(dialogue), &actions)
        }
        let refusal = Refusal.syntax(error == .anotherProtocol ? .unknownVerb : error)
        return refuse(
            refusalOfAll(in: dialogue, surroundings) ?? refusal, of: nil, dialogue, surroundings, &actions)
    }

    /// What follows BDAT is content, whatever is wrong with the line: where it does not tell how much, nothing that
    /// comes may be taken for a command any more.
    private func closeBeforeChunk(
        _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        close(refusalOfAll(in: dialogue, surroundings) ?? .chunkUnmeasured, .commanding(dialogue), &actions)
    }

    /// Setting `unusable: refuse` (RFC 3207 §4.1): with a certificate that proves nothing only QUIT is left.
    private func refusalOfAll(in dialogue: Dialogue, _ surroundings: Surroundings) -> Refusal? {
        // Who authenticated while the certificate was good, or by password, is dealt with at the next MAIL.
        guard surroundings.settings.listener.unusable == .refuse, dialogue.tls?.examination != nil,
            !isAuthenticated(dialogue),
            case .unusable(let unusable) = dialogue.decision(in: surroundings).standing
        else { return nil }
        return .certificateRefused(CertificateFault(unusable))
    }

    /// Why this command is not for this moment, in the order of standards/policies.md 7.3.1: no TLS, no EHLO, no
    /// authentication, wrong sequence.
    private func refusal(of command: Command, in dialogue: Dialogue, _ surroundings: Surroundings) -> Refusal? {
        let verb = command.verb
        if verb != .quit, let refusal = refusalOfAll(in: dialogue, surroundings) { return refusal }
        switch verb {
        case .ehlo, .helo, .rset, .noop, .quit, .help: return nil
        case .startTLS: return dialogue.tls == nil ? nil : .alreadySecure
        case .mail, .rcpt, .data, .bdat, .vrfy, .expn, .auth: break
        }
        guard dialogue.tls != nil else { return .tlsRequired }
        guard let hello = dialogue.hello else { return .helloRequired }
        if verb == .auth {
            // RFC 4954 §4: AUTH is an extension, which HELO does not speak.
            if case .helo = hello { return .helloRequired }
            return refusalOfAuth(dialogue, surroundings)
        }
        // MAIL may authenticate by itself, and decides so.
        if verb != .mail, !isAuthenticated(dialogue) { return refusalForLackOfAuthentication(dialogue, surroundings) }
        switch (verb, dialogue.transaction) {
        case (.mail, .some): return .nestedMail
        case (.rcpt, nil), (.data, nil), (.bdat, nil): return .mailRequired
        // RFC 3030 §2: the message has begun, and BDAT alone goes on with it.
        case (.rcpt, .chunks), (.data, .chunks): return .chunksBegun
        case (.rcpt, .failed), (.data, .failed), (.bdat, .failed): return .chunkRefused
        default: return nil
        }
    }

    private func execute(
        _ command: Command, _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        switch command {
        case .ehlo(let name):
            dialogue.hello = .ehlo(name)
            endTransaction(&dialogue, &actions)
            return accept(capabilities(dialogue, surroundings), to: .ehlo, dialogue, &actions)
        case .helo(let name):
            dialogue.hello = .helo(name)
            endTransaction(&dialogue, &actions)
            return accept(Reply(250, surroundings.settings.hostname.text), to: .helo, dialogue, &actions)
        case .mail(let path, let parameters): return mail(path, parameters, dialogue, surroundings, &actions)
        case .rcpt(let path, let parameters): return rcpt(path, parameters, dialogue, surroundings, &actions)
        case .data: return data(dialogue, surroundings, &actions)
        case .rset:
            endTransaction(&dialogue, &actions)
            return accept(Reply(250, .init(0, 0), "reset"), to: .rset, dialogue, &actions)
        case .noop: return accept(Reply(250, .init(0, 0), "OK"), to: .noop, dialogue, &actions)
        case .quit:
            endTransaction(&dialogue, &actions)
            actions.append(.send(Reply(221, .init(0, 0), "\(surroundings.settings.hostname) closing"), to: .quit))
            actions.append(.close)
            return .closed
        // RFC 5321 §3.5.3, §7.3: an answer that tells nothing of who exists.
        case .vrfy:
            return accept(
                Reply(252, .init(0, 0), "not verified here; send mail and see"), to: .vrfy, dialogue, &actions)
        case .bdat(let chunk): return bdat(chunk, nil, dialogue, surroundings, &actions)
        case .expn: return refuse(.notImplemented, of: .expn, dialogue, surroundings, &actions)
        case .help: return accept(Reply(214, .init(0, 0), "mail submission (RFC 6409)"), to: .help, dialogue, &actions)
        case .startTLS: return startTLS(dialogue, surroundings, &actions)
        case .auth(let mechanism, let response):
            return auth(mechanism, response, dialogue, surroundings, &actions)
        }
    }

    private func capabilities(_ dialogue: Dialogue, _ surroundings: Surroundings) -> Reply {
        let settings = surroundings.settings
        let offer = Offer(
            canStartTLS: dialogue.tls == nil, maximumSize: settings.limits.message,
            maximumRecipients: settings.limits.recipients, maximumTransactions: settings.limits.transactions,
            mechanisms: mechanisms(dialogue, surroundings).map(\.rawValue)
        )
        return Reply(250, lines: [settings.hostname.text] + Extension.lines(for: offer))
    }
}
