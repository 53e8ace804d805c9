import Logging
import PosternClient
import PosternMail
import PosternSend

/// Sends by the client of this package.
final class ClientAgent: SubmissionAgent {
    private let client: SubmissionClient
    private let host: String
    private let running: Task<Void, any Error>

    init(_ configuration: SubmissionConfiguration) {
        // What went wrong is in the outcome; a program that somebody calls has no log of its own.
        let client = SubmissionClient(configuration, logger: Logger(label: "send") { _ in SwiftLogNoOpLogHandler() })
        self.client = client
        host = configuration.host
        running = Task { try await client.run() }
    }

    func submit(
        _ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool
    ) async -> SendOutcome {
        do throws(SubmissionError) {
            let receipt = try await client.send(
                content.submission, envelope: envelope, recipients: acceptsSomeRecipients ? .partial : .allOrNothing)
            return SendOutcome(receipt, from: host)
        } catch {
            return SendOutcome(error, for: envelope, acceptsSomeRecipients: acceptsSomeRecipients)
        }
    }

    func close() async {
        running.cancel()
        _ = await running.result
    }
}

/// For a policy that tries nothing.
struct NoAgent: SubmissionAgent {
    func submit(_ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool) async -> SendOutcome {
        SendOutcome(.deferred, "not tried", for: envelope)
    }

    func close() async {}
}

/// For an account whose certificate, password or trust cannot be had now.
struct AgentWithoutCredentials: SubmissionAgent {
    let reason: String

    func submit(_ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool) async -> SendOutcome {
        var outcome = SendOutcome(.refused(.configurationError), reason, for: envelope)
        outcome.isNoFaultOfMessage = true
        return outcome
    }

    func close() async {}
}

/// The end of a program that has sent what it had.
enum Farewell {
    /// Says goodbye, and waits a second for the server to do the same: some never answer QUIT, and the mail is theirs.
    static func close(_ agent: any SubmissionAgent) async {
        let (ended, end) = AsyncStream<Void>.makeStream()
        Task {
            await agent.close()
            end.finish()
        }
        Task {
            try? await Task.sleep(for: .seconds(1))
            end.finish()
        }
        for await _ in ended {}
    }
}

/// The agents of the accounts that a flush needs, each made once.
actor ClientAgents {
    private let finder: AccountFinder
    private var agents: [AccountSelection: ClientAgent] = [:]

    init(_ finder: AccountFinder) {
        self.finder = finder
    }

    func agent(for selection: AccountSelection) -> Result<any SubmissionAgent, SpoolFlush.AgentFault> {
        if let agent = agents[selection] { return .success(agent) }
        do throws(AccountError) {
            let account = try finder.account(selection.arguments).account
            let agent = ClientAgent(try finder.configuration(of: account, recordsTranscript: false))
            agents[selection] = agent
            return .success(agent)
        } catch {
            return .failure(SpoolFlush.AgentFault("\(error)"))
        }
    }

    func close() async {
        for agent in agents.values { await Farewell.close(agent) }
        agents = [:]
    }
}
