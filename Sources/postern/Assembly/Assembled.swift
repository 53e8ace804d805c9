import PosternConfiguration
import PosternDelivery
import PosternIdentity
import PosternMail
import PosternServer
import PosternSubmission

/// A configuration as the values that the other rooms work with: nothing in it can be found wrong any more.
struct Assembled: Sendable {
    let hostname: Domain
    let snapshot: Snapshot
    var listeners: [AssembledListener]
    let serverCertificate: ServerCertificate
    let routing: Routing
    /// The path of the state folder.
    let state: String
    let limits: ServerConfiguration.Limits
    let schedule: RetrySchedule
    /// Deliveries at once.
    let deliveryConnections: Int
    let log: LogFormat
    /// The path of the audit log.
    let auditLog: String
    let metrics: MetricsListener?
    let probe: AssembledProbe?
    /// The paths of the files that all this was read from, besides the configuration itself.
    let files: [String]
}

/// A listener of the configuration, with what its sessions go by.
struct AssembledListener: Sendable {
    let settings: Settings
    /// An IPv4 or IPv6 address; nil for all of both kinds.
    let address: String?
    /// 0 lets the system pick one.
    var port: Int

    var name: String { settings.listener.name }
}

extension Assembled {
    /// The same with other ports, by the listeners' names.
    func listening(on ports: [String: Int]) -> Assembled {
        var changed = self
        changed.listeners = listeners.map { listener in
            var listener = listener
            listener.port = ports[listener.name] ?? listener.port
            return listener
        }
        return changed
    }

    /// Reads a configuration with all the files that it names, and checks all that can be checked without a network.
    /// There is no value if there are errors; all problems of all files come in their order.
    ///
    /// - Parameters:
    ///   - path: of `postern.yaml`.
    ///   - now: certificates that are over, or soon will be, are hazards.
    static func read(_ path: String, at now: Timestamp) -> Reading<Assembled> {
        let (parts, problems) = ConfigurationParts.read(path)
        var assembler = Assembler(at: now)
        let assembled = assembler.assemble(parts)
        return Reading(assembled, problems: problems + assembler.problems)
    }
}
