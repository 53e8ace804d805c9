import Glibc
import NIOCore
import PosternMail
import PosternSMTP
import PosternSend

/// SMTP on standard input and output (`-bs`): the machine is `SMTPDialogue`, this is what reads and writes for it.
struct StandardInputServer {
    private let errand: SendErrand
    private let complain: (String) -> Void
    private var dialogue: SMTPDialogue
    private var receiver: MessageReceiver?
    /// Why the message that is coming cannot be taken. It is read to its end all the same.
    private var fault: ReceivingError?

    init(_ errand: SendErrand, complain: @escaping (String) -> Void) {
        self.errand = errand
        self.complain = complain
        dialogue = SMTPDialogue(hostname: errand.account.hostname, addresses: errand.intake)
    }

    mutating func run() async throws(SendFailure) -> SendStatus {
        let agent = errand.agent()
        while true {
            switch dialogue.next() {
            case .reply(let reply): write(reply)
            case .begin(let transaction): begin(transaction)
            case .content(let piece): receive(Array(piece.readableBytesView))
            case .deliver: dialogue.delivered(await deliver(by: agent))
            case .read: try read()
            case .end:
                await Farewell.close(agent)
                return .sent
            }
        }
    }

    private mutating func begin(_ transaction: SMTPDialogue.Transaction) {
        fault = nil
        let intake = errand.intake
        receiver = errand.receiver { (header, bodyStart) throws(IntakeError) in
            try intake.prepare(header: header, bodyStart: bodyStart, of: transaction)
        }
    }

    private mutating func receive(_ octets: [UInt8]) {
        do throws(ReceivingError) {
            try receiver?.receive(octets)
        } catch {
            fault = error
            receiver = nil
        }
    }

    private mutating func deliver(by agent: any SubmissionAgent) async -> Reply {
        defer { receiver = nil }
        do throws(ReceivingError) {
            if let fault { throw fault }
            guard let receiver else { return Reply(451, EnhancedCode(3, 0), "the message was lost") }
            let (message, content) = try receiver.finish()
            return reply(await errand.deliver(message, content, by: agent))
        } catch {
            return error.status == .inputOutput
                ? Reply(452, EnhancedCode(3, 1), "\(error)") : Reply(554, EnhancedCode(6, 0), "\(error)")
        }
    }

    private func reply(_ report: SendReport) -> Reply {
        for line in report.lines { complain(line) }
        let text = report.outcome?.text ?? report.note ?? "kept"
        if report.status == .sent {
            return Reply(250, EnhancedCode(0, 0), report.kept.map { "kept in the spool as \($0)" } ?? "sent: \(text)")
        }
        let isTemporary =
            report.status == .temporaryFailure || report.status == .cannotCreate || report.status == .inputOutput
        return isTemporary ? Reply(451, EnhancedCode(4, 0), text) : Reply(554, EnhancedCode(0, 0), text)
    }

    private mutating func read() throws(SendFailure) {
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = octets.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return }
        guard count >= 0 else { throw SendFailure(.inputOutput, "standard input cannot be read: \(SystemError.text)") }
        if count == 0 { dialogue.receiveEnd() } else { dialogue.receive(Array(octets.prefix(count))) }
    }

    private func write(_ reply: Reply) {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        DescriptorOutput(descriptor: STDOUT_FILENO).write(Array(buffer.readableBytesView))
    }
}
