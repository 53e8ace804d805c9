import ArgumentParser
import Logging
import PosternConfiguration
import PosternMail
import PosternQueue
import PosternServer

/// `postern serve`: the server, in the foreground.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server in the foreground, with its log on standard error.",
        discussion: """
            At SIGHUP, and when one of them has changed, the configuration and its files are read anew: all of it is in force at once, or, if anything is wrong, \
            nothing of it. SIGTERM and Ctrl-C let running transactions finish and end with 0; a second Ctrl-C ends at once. Ends with 78 \
            if the configuration has errors, and with 75 if its state folder or a port is held by another process, or \
            the disk fails.
            """)

    @Option(help: "The configuration, such as /etc/postern/postern.yaml.")
    var config: String

    func run() async throws {
        let reading = Assembled.read(config, at: .now)
        guard let assembled = reading.value else {
            for problem in reading.problems { Terminal.complain("\(problem)") }
            throw ExitCode.configurationError
        }
        let log = ProcessLog(assembled.log)
        log.logger.noteStart(of: assembled, hazards: reading.problems)
        let deliveries = DeliveryLog(log.logger)
        try await ServerProcess(
            assembled: assembled, configuration: config, log: log, observer: ServerLog(log.logger),
            ending: { log.logger.log(.notice, .stopping) }, deliveries: { deliveries.record($0) },
            notices: { deliveries.record($0) }
        ).run()
        log.logger.log(.notice, .stopped)
        log.flush()
    }
}

extension Logger {
    /// What an operator should know before the first connection.
    func noteStart(of assembled: Assembled, hazards: [ConfigurationProblem]) {
        log(
            .notice, .starting, ["hostname": .string(assembled.hostname.text), "state": .string(assembled.state)])
        for hazard in hazards { log(.warning, .hazard, ["problem": .string("\(hazard)")]) }
    }
}
