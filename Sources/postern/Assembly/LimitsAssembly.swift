import PosternConfiguration
import PosternServer
import PosternSubmission

/// Limits of the file as those of the process and of its sessions.
extension Assembler {
    mutating func limits(_ limits: PosternConfiguration.Limits) -> ServerConfiguration.Limits {
        let assembled = ServerConfiguration.Limits(limits)
        // Only a written header can be too large: the default fits into the smallest in-flight there is.
        if assembled.octetsPerMessage > assembled.inFlight, let place = limits.place(of: "header") {
            let needed = assembled.octetsPerMessage
            let reason = "each sets \(needed) octets aside, and in-flight has \(assembled.inFlight) for all"
            let remedy = "a header of at most \(assembled.largestHeader) fits, or an in-flight from \(needed)"
            report("header: no message could be received, since \(reason); \(remedy)", at: place)
        }
        return assembled
    }
}

extension ServerConfiguration.Limits {
    fileprivate init(_ limits: PosternConfiguration.Limits) {
        self.init(
            connections: limits.connections, connectionsPerAddress: limits.connectionsPerAddress,
            stressedFrom: max(1, limits.connections * limits.stress / 100),
            header: limits.header, inFlight: limits.inFlight, diskReserve: DiskReserve(limits),
            passwordWorkers: limits.passwordWorkers,
            passwordsWaiting: limits.passwordWaiting,
            passwordFailures: limits.passwordFailures)
    }
}

extension PosternSubmission.Limits {
    init(_ limits: PosternConfiguration.Limits) {
        self.init(
            commandLine: limits.commandLine, authLine: limits.authLine, textLine: limits.textLine,
            header: limits.header, headerFields: limits.headerFields, message: limits.message,
            recipients: limits.recipients, transactions: limits.transactions, receivedLines: limits.receivedLimit,
            errors: limits.errors,
            idle: limits.idle, handshake: limits.handshake, dataRate: limits.dataRate,
            messageTime: limits.messageTime)
    }
}

extension PosternServer.DiskReserve {
    fileprivate init(_ limits: PosternConfiguration.Limits) {
        switch limits.diskReserve {
        case .automatic: self.init(octets: 2 * limits.message, percent: 5)
        case .octets(let octets): self.init(octets: octets, percent: 0)
        }
    }
}
