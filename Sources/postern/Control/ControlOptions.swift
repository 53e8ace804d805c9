import ArgumentParser
import Glibc
import PosternAdmin
import PosternConfiguration

/// Which server a command speaks to, and how it shows the answer.
struct ControlOptions: ParsableArguments {
    @Option(help: "The configuration with which the server was started; its state folder holds the control socket.")
    var config: String?

    @Option(help: "The state folder itself.")
    var state: String?

    @Flag(help: "Show the answer as JSON.")
    var json = false

    func client() throws(ControlError) -> ControlClient {
        try ControlClient(ControlSocket(state: try stateFolder()))
    }

    /// The configuration need not be right: what is wrong with it is what `postern reload` tells.
    private func stateFolder() throws(ControlError) -> String {
        if let state { return state }
        guard let config else { throw .noState }
        guard let state = ConfigurationParts.read(config).parts.state else { throw .unreadable(config) }
        return state.value
    }

    private var type: String { json ? "application/json" : "text/plain" }

    /// Asks, and follows to the pages behind the first.
    /// - Parameter empty: what is said where nothing came.
    /// - Throws: the exit code, where the answer was no.
    func show(_ path: String, empty: String? = nil) throws {
        let client = try client()
        var next: String? = path
        var isEmpty = true
        while let path = next {
            let reply = try client.request("GET", path, accepting: type)
            try write(reply)
            if !reply.body.isEmpty { isEmpty = false }
            next = reply.next
        }
        if isEmpty, !json, let empty { Terminal.print(empty) }
    }

    func post(_ path: String, _ body: [UInt8]? = nil) throws {
        try write(try client().request("POST", path, accepting: type, body: body ?? Array("{}".utf8)))
    }

    private func write(_ reply: ControlReply) throws {
        let isGood = reply.exitCode == .success
        // JSON is for programs, which read standard output whatever the answer is.
        let output = DescriptorOutput(descriptor: isGood || json ? STDOUT_FILENO : STDERR_FILENO)
        guard output.write(reply.text) else { throw ExitCode.temporaryFailure }
        guard isGood else { throw reply.exitCode }
    }
}
