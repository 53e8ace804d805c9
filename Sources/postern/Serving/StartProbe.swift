import Logging
import PosternSMTP
import PosternServer
import PosternSubmission
import Synchronization

/// Once all listeners listen, asks them what they do with certificates, where the configuration wants that, and says in
/// the log whether it is what their policies say. Mail does not wait for it.
final class StartProbe: ServerObserver {
    private let assembled: Assembled
    private let logger: Logger
    private let ports = Mutex<[String: Int]>([:])

    /// - Returns: nil where nobody wants it.
    init?(_ assembled: Assembled, _ logger: Logger) {
        guard assembled.probe?.isAtStart == true else { return nil }
        self.assembled = assembled
        self.logger = logger
    }

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {}
    func record(_ condition: ServerCondition) {}

    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {
        guard case .listening(_, let port) = event else { return }
        let ports = ports.withLock { ports in
            let isNew = ports.updateValue(port, forKey: listener) == nil
            return isNew && ports.count == assembled.listeners.count ? ports : nil
        }
        guard let ports else { return }
        Task { await ask(ports) }
    }

    private func ask(_ ports: [String: Int]) async {
        do {
            for (name, differences) in try await ListenerProbe(assembled: assembled, ports: ports).differences() {
                let policy = assembled.listeners.first { $0.name == name }?.settings.listener.policy.rawValue ?? ""
                let fields: Logger.Metadata = ["listener": .string(name), "policy": .string(policy)]
                if differences.isEmpty { logger.log(.notice, .listenerProbed, fields) }
                for difference in differences {
                    logger.log(.error, .listenerDiffers, fields.merging(["problem": .string(difference)]) { $1 })
                }
            }
        } catch {
            logger.log(.error, .listenerDiffers, ["problem": .string("they could not be asked: \(error)")])
        }
    }
}
