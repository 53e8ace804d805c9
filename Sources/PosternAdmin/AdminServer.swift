import Glibc
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// PosternAdmin: an operator's hands. One HTTP and JSON API on a Unix socket in the state folder, of which the commands,
/// a dashboard and whoever collects metrics are users alike.
///
///     postern queue list ──> STATE/control.sock ──> owner or root? ──> QueueRoutes ──> store, writer
///                                                                 └─> ProcessRoutes ──> status, reload, drain
///     Prometheus ──> metrics: { address, port } ──> HealthRoutes ──> registry, health
///
/// The room knows the queue's operations, and everything else through closures. No GET changes anything.
public struct AdminServer: Service {
    private let socket: ControlSocket
    private let operations: AdminOperations
    private let logger: Logger

    public init(_ operations: AdminOperations, socket: ControlSocket, logger: Logger) {
        self.operations = operations
        self.socket = socket
        self.logger = logger
    }

    /// Answers until the graceful shutdown.
    public func run() async throws {
        let address = try socket.address()
        let router = Router(context: AdminContext.self)
        router.add(middleware: PlainErrors())
        HealthRoutes(operations.health, operations.metrics).add(to: router)
        ProcessRoutes(operations).add(to: router)
        QueueRoutes(operations).add(to: router)
        let application = Application(
            router: router, server: OwnerOnly.http(),
            configuration: .init(address: .unixDomainSocket(path: address.path)),
            onServerRunning: { _ in address.restrict() }, logger: logger)
        do {
            try await application.run()
        } catch {
            throw AdminListeningError(error, at: socket.path) ?? error
        }
        address.remove()
    }
}

/// Metrics and health for programs on this machine, by TCP. Nothing else is there.
public struct MetricsServer: Service {
    private let address: String
    private let port: Int
    private let health: Health
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let listening: @Sendable (Int) -> Void

    /// Connections at once. Everybody on this machine may connect, and who connects without end must not take the
    /// descriptors that mail needs; those beyond it wait.
    private static let connections = 64
    /// How long one may keep its place when nothing moves on it.
    private static let idleTime = TimeAmount.seconds(60)

    /// - Parameter listening: told of the port, which the system picked where 0 was asked for.
    public init(
        address: String, port: Int, health: Health, metrics: MetricsRegistry, logger: Logger,
        listening: @escaping @Sendable (Int) -> Void
    ) {
        self.address = address
        self.port = port
        self.health = health
        self.metrics = metrics
        self.logger = logger
        self.listening = listening
    }

    public func run() async throws {
        let router = Router(context: AdminContext.self)
        router.add(middleware: PlainErrors())
        HealthRoutes(health, metrics).add(to: router)
        let listening = listening
        let idleTime = Self.idleTime
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [IdleStateHandler(allTimeout: idleTime), ConnectionEnd()])),
            configuration: .init(
                address: .hostname(address, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections, logger: logger)),
            onServerRunning: { channel in listening(channel.localAddress?.port ?? 0) }, logger: logger)
        do {
            try await application.run()
        } catch {
            throw AdminListeningError(error, at: "metrics: \(address) port \(port)") ?? error
        }
    }
}

/// What a request brings along besides itself.
struct AdminContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Octets of a request's body: a thousand ids fit.
    var maxUploadSize: Int { 64 * 1_024 }
}
