import Dispatch
import NIOCore
import NIOPosix
import PosternConnection
public import PosternMail

/// Asks a server, step by step, and gathers what it answers.
public struct Prober: Sendable {
    private let question: ProbeQuestion
    private let credentials: ProbeCredentials
    private let lookups = DispatchQueue(label: "lookups of a probe")

    public init(_ question: ProbeQuestion, _ credentials: ProbeCredentials) {
        self.question = question
        self.credentials = credentials
    }

    /// Goes through the decision tree of each port, as far as the budget allows, and then through the conformance lists:
    /// those fail on purpose, and must not use up what the verdicts need.
    public func evidence(
        of targets: [ProbeTarget], at moment: Timestamp, spending budget: inout ProbeBudget
    ) async -> [PortEvidence] {
        var ports = targets.map { PortEvidence($0, question, at: moment) }
        for next in [ProbePlan.next, ProbePlan.nextCheck] {
            for index in ports.indices { await gather(&ports[index], next, &budget) }
        }
        return ports
    }

    private func gather(
        _ evidence: inout PortEvidence, _ next: @Sendable (PortEvidence) -> ProbeStep?, _ budget: inout ProbeBudget
    ) async {
        while let step = next(evidence) {
            do throws(ProbeBudget.Shortage) {
                let permit = try budget.permit(step, on: evidence.target, at: .uptime)
                let observation = await observe(permit)
                budget.settle(observation, at: .uptime)
                evidence.add(observation)
            } catch {
                evidence.leaveOut(step, error)
            }
        }
    }

    /// The one place that connects, and the permit is used up by it.
    private func observe(_ permit: consuming ProbeBudget.Permit) async -> Observation {
        let (step, target) = (permit.step, permit.target)
        // Whoever is cancelled here connects a little early, and ends at once.
        try? await Task.sleep(for: permit.notBefore - .uptime)
        do {
            return try await connect(step, target).get()
        } catch {
            var observation = Observation(step)
            let endpoint = ClientEndpoint.host(target.host, port: target.port)
            let words = "no connection: \(SafeText.escape(ConnectionFault.words(error, to: endpoint), limit: 500))"
            observation.note(.event, words)
            observation.end = .failed(at: .connection, ClientFailure(code: "4.4.1", text: words))
            return observation
        }
    }

    private func connect(_ step: ProbeStep, _ target: ProbeTarget) async throws -> EventLoopFuture<Observation> {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await ClientBootstrap(group: loop).connectTimeout(.seconds(15))
            .resolver(NameLookup(on: lookups, loop: loop))
            .connect(host: target.host, port: target.port) { [question, credentials] channel in
                channel.eventLoop.makeCompletedFuture {
                    let promise = channel.eventLoop.makePromise(of: Observation.self)
                    let handler = ProbeHandler(step, of: target, question, credentials, promise: promise)
                    do {
                        try channel.pipeline.syncOperations.addHandler(handler)
                    } catch {
                        promise.fail(error)
                        throw error
                    }
                    return promise.futureResult
                }
            }
    }
}
