import PosternMail
import PosternSend

/// One call that sends: its arguments, its account, and what both make of a message.
struct SendErrand {
    let arguments: SendArguments
    let account: SendAccount
    let files: [String]
    let intake: MessageIntake
    let environment: SendEnvironment
    private let finder: AccountFinder

    init(_ arguments: SendArguments, _ finder: AccountFinder) throws(SendFailure) {
        self.arguments = arguments
        self.finder = finder
        environment = finder.environment
        do throws(AccountError) {
            (account, files) = try finder.account(arguments)
            intake = MessageIntake(
                arguments, account, aliases: try finder.aliases(account), on: environment.machine, at: .now,
                random: .random(in: .min ... .max))
        } catch {
            throw SendFailure(error)
        }
    }

    var spoolFolder: String { arguments.spool ?? environment.spoolFolder }

    func checkArguments() throws(SendFailure) {
        do throws(IntakeError) { try intake.checkArguments() } catch { throw SendFailure(error) }
    }

    func prepared(header: [UInt8], bodyStart: [UInt8]) throws(SendFailure) -> PreparedMessage {
        do throws(IntakeError) {
            return try intake.prepare(header: header, bodyStart: bodyStart)
        } catch {
            throw SendFailure(error)
        }
    }

    /// The whole message: what is prepared of it, and its content.
    func read(_ input: inout MessageInput) throws(SendFailure) -> (message: PreparedMessage, content: StagedContent) {
        var receiver = receiver { (header, bodyStart) throws(IntakeError) in
            try intake.prepare(header: header, bodyStart: bodyStart)
        }
        while true {
            let octets = try input.next()
            do throws(ReceivingError) {
                if octets.isEmpty { return try receiver.finish() }
                try receiver.receive(octets)
            } catch {
                throw SendFailure(error.status, "\(error)")
            }
        }
    }

    func receiver(_ prepare: @escaping MessageReceiver.Prepare) -> MessageReceiver {
        MessageReceiver(folder: environment.temporaryFolder, prepare: prepare)
    }

    /// Where nothing is tried now, no password is asked for. A secret that is not to be had is no fault of the message,
    /// which may be kept.
    func agent() -> any SubmissionAgent {
        if arguments.queue == .always { return NoAgent() }
        do throws(AccountError) {
            return ClientAgent(try finder.configuration(of: account, recordsTranscript: arguments.isVerbose))
        } catch {
            return AgentWithoutCredentials(reason: "\(error)")
        }
    }

    /// - Parameter id: for the spool.
    func deliver(
        _ prepared: PreparedMessage, _ content: StagedContent, by agent: any SubmissionAgent,
        id: QueueID = QueueID(time: .now, random: .random(in: .min ... .max))
    ) async -> SendReport {
        guard let envelope = prepared.envelope(isEightBit: content.isEightBit) else {
            return SendReport(outcome: nil, status: .usage, note: "\(IntakeError.noRecipients)")
        }
        let courier = Courier(arguments.queue, spool: spoolFolder, agent: agent)
        let report = await courier.deliver(
            content, envelope, acceptsSomeRecipients: arguments.acceptsSomeRecipients, id: id,
            selection: AccountSelection(
                arguments, account: account.name, workingFolder: environment.workingFolder), at: .now)
        let line = LogLine.text(report, account, envelope, size: content.count)
        if let path = account.logFile { log(line, to: path) }
        if let facility = account.systemLog {
            SystemLog.write(line, facility, isFailure: report.status != .sent, as: "postern-send")
        }
        return report
    }

    private func log(_ line: String, to path: String) {
        guard !LogFile.append("\(LogFile.localTime(account.logTimeFormat)) \(line)", to: path) else { return }
        Terminal.complain("postern send: the log \(path) cannot be written: \(SystemError.text)")
    }
}
