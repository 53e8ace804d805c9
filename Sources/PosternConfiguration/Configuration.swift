/// What `postern.yaml` says, complete with its defaults and checked as far as one can without asking the system or any
/// other room. What those may still complain about (a host name, a path, an address) carries its place in the file.
public struct Configuration: Sendable, Equatable {
    /// The server's name in its greeting, in Received fields and in `postmaster`'s default.
    public var hostname: Located<String>
    /// The folder of queue and lock. Like every path here complete: relative ones in the file belong to its folder.
    public var state: Located<String>
    public var tls: TLSFiles
    public var clientCertificates: ClientCertificates
    /// The path of `accounts.yaml`.
    public var accounts: Located<String>
    /// In the order in which they are looked at; at least one, and the last takes whatever fits no other.
    public var routes: [RouteRule]
    /// In the order of the file; at least one.
    public var listeners: [Listener]
    /// Where mail for `<postmaster>`, without a domain, goes.
    public var postmaster: Located<String>
    public var limits: Limits
    public var schedule: Schedule
    public var log: LogFormat
    /// The path of the audit log.
    public var auditLog: String
    /// Where metrics are told by TCP; nil: nowhere.
    public var metrics: MetricsListener?
    /// How the listeners are asked what they do; nil: without a certificate, and when somebody asks for it.
    public var probe: SelfProbe?
}

/// The server's own certificate, as paths.
public struct TLSFiles: Sendable, Equatable {
    /// PEM: the server's certificate, then its issuers'.
    public var certificate: Located<String>
    /// PEM, without a pass phrase.
    public var key: Located<String>
}

public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// Lines for people.
    case text
}
