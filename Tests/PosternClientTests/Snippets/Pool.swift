import Logging
import PosternClient
import ServiceLifecycle

// BEGIN service
func run(_ configuration: SubmissionConfiguration, with server: some Service, logger: Logger) async throws {
    let mail = SubmissionClient(configuration, logger: logger)
    // The last one ends first: the mail client when nobody sends any more.
    let group = ServiceGroup(services: [mail, server], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
}
// END

// BEGIN limits
func forMuchMail(_ configuration: SubmissionConfiguration) -> SubmissionConfiguration {
    var configuration = configuration
    configuration.pool = PoolLimits(
        connections: 8, messagesPerConnection: 50, idleTime: .seconds(30), waiting: 200, waitTime: .seconds(5))
    configuration.timeouts.endOfData = .seconds(120)
    return configuration
}
// END
