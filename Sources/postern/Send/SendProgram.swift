import Glibc
import PosternMail
import PosternSend

/// `postern send`, also where it is called as sendmail, mailq, newaliases or msmtp.
struct SendProgram {
    let role: SendArguments.Role
    private let finder = AccountFinder(environment: .current())

    private var environment: SendEnvironment { finder.environment }

    init(role: SendArguments.Role) {
        self.role = role
    }

    /// - Parameter words: the command line without the program's name.
    func run(_ words: [String]) async -> SendStatus {
        let arguments: SendArguments
        do throws(ArgumentsError) {
            arguments = try SendArguments(reading: words, as: role)
        } catch {
            complain("\(error)")
            return .usage
        }
        do throws(SendFailure) {
            return try await run(arguments)
        } catch {
            complain(error.text)
            return error.status
        }
    }

    private func run(_ arguments: SendArguments) async throws(SendFailure) -> SendStatus {
        switch arguments.errand {
        case .help:
            Terminal.print(SendHelp.text)
            return .sent
        case .version:
            Terminal.print("postern send, of Postern")
            return .sent
        case .checkAliases: return try checkAliases(arguments)
        case .listSpool: return try listSpool(arguments)
        case .flushSpool(let selection): return try await flushSpool(arguments, selection)
        case .explain: return try explain(arguments)
        case .send: return try await send(arguments)
        case .serveStandardInput:
            var server = StandardInputServer(try errand(arguments), complain: complain)
            return try await server.run()
        }
    }

    // MARK: Sending

    private func send(_ arguments: SendArguments) async throws(SendFailure) -> SendStatus {
        let errand = try errand(arguments)
        try errand.checkArguments()
        var input = MessageInput(arguments)
        let (message, content) = try errand.read(&input)
        let agent = errand.agent()
        let report = await errand.deliver(message, content, by: agent)
        // First of all: whoever waits and ends this process meanwhile would send it again.
        let status = show(report, errand)
        await Farewell.close(agent)
        return status
    }

    private func errand(_ arguments: SendArguments) throws(SendFailure) -> SendErrand {
        let errand = try SendErrand(arguments, finder)
        for note in errand.account.notes { complain("\(note)") }
        return errand
    }

    private func show(_ report: SendReport, _ errand: SendErrand) -> SendStatus {
        let arguments = errand.arguments
        if arguments.isVerbose, let outcome = report.outcome {
            for line in outcome.transcript { Terminal.complain(SafeText.escape(line, limit: 2_000)) }
            if outcome.status == .sent {
                complain("sent by \(outcome.via): \(SafeText.escape(outcome.text, limit: 1_000))")
            }
        }
        if arguments.printsJSON {
            let line = SendJSON.line(report, server: errand.account.host, account: errand.account.name)
            DescriptorOutput(descriptor: STDOUT_FILENO).writeLine(line)
        } else {
            for line in report.lines { complain(line) }
        }
        return report.status
    }

    private func explain(_ arguments: SendArguments) throws(SendFailure) -> SendStatus {
        let errand = try SendErrand(arguments, finder)
        // A plan of the account alone needs no message.
        var message: PreparedMessage?
        if !arguments.recipients.isEmpty || arguments.readsRecipients {
            var input = MessageInput(arguments)
            message =
                arguments.readsRecipients || !StandardInput.isTerminal
                ? try errand.read(&input).message : try errand.prepared(header: [], bodyStart: [])
        }
        let explanation = Explanation(errand.account, queue: arguments.queue, spool: errand.spoolFolder)
        for line in explanation.lines(files: errand.files, domain: errand.intake.domain, message: message) {
            Terminal.print(line)
        }
        return .sent
    }

    // MARK: The spool

    private func spool(_ arguments: SendArguments) throws(SendFailure) -> Spool {
        do throws(FileFault) {
            return try Spool(at: arguments.spool ?? environment.spoolFolder)
        } catch {
            throw SendFailure(.cannotCreate, "\(error)")
        }
    }

    private func listSpool(_ arguments: SendArguments) throws(SendFailure) -> SendStatus {
        let spool = Spool(lookingAt: arguments.spool ?? environment.spoolFolder)
        let list: (entries: [Spool.Entry], damaged: [String])
        do throws(FileFault) { list = try spool.list() } catch { throw SendFailure(error) }
        let lines =
            arguments.printsJSON
            ? list.entries.map { SpoolListing.json($0) }
            : SpoolListing.lines(list.entries, damaged: list.damaged, in: spool.folder).map { Array($0.utf8) }
        let output = DescriptorOutput(descriptor: STDOUT_FILENO)
        guard lines.allSatisfy({ output.writeLine($0) }) else {
            throw SendFailure(.inputOutput, "the list cannot be written: \(SystemError.text)")
        }
        return list.damaged.isEmpty ? .sent : .inputOutput
    }

    private func flushSpool(
        _ arguments: SendArguments, _ selection: SpoolSelection
    ) async throws(SendFailure) -> SendStatus {
        let agents = ClientAgents(finder)
        let name = name
        let flush = SpoolFlush(
            try spool(arguments), now: { .now },
            tell: { Terminal.complain("\(name): \(SafeText.escape($0, limit: 2_000))") },
            findAgent: { await agents.agent(for: $0) })
        do throws(FileFault) {
            let report = try await flush.run(selection)
            await agents.close()
            return report.status
        } catch {
            throw SendFailure(error)
        }
    }

    private func checkAliases(_ arguments: SendArguments) throws(SendFailure) -> SendStatus {
        do throws(AccountError) {
            let account = try finder.account(arguments).account
            guard let path = account.aliases else {
                complain(
                    "account '\(account.name)' has no file of aliases; write 'aliases /etc/aliases' into it to have one"
                )
                return .sent
            }
            Terminal.print("\(path): \(try finder.aliases(account).count) aliases, read anew by each message")
            return .sent
        } catch {
            // Packages call newaliases when they are installed, whatever is set up yet.
            guard case .noAccount = error else { throw SendFailure(error) }
            complain("\(error)")
            return .sent
        }
    }

    /// As it was called.
    private var name: String { role == .send ? "postern send" : role.rawValue }

    private func complain(_ line: String) { Terminal.complain("\(name): \(line)") }
}
