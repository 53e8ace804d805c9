import NIOCore
import PosternMail
import PosternQueue

/// The report on what one claim could not deliver.
struct FailureReport {
    private let id: QueueID
    private let sender: Mailbox
    private let failures: [DeliveryReport.Failure]
    private let claim: Claim
    private let hostname: Domain
    private let date: Timestamp

    /// Nil where nothing has failed, or there is nobody to tell.
    init?(claim: Claim, outcomes: [DeliveryEvent.Outcome], hostname: Domain, date: Timestamp) {
        guard case .mailbox(let sender) = claim.message.reversePath else { return nil }
        var reportID: QueueID?
        var failures: [DeliveryReport.Failure] = []
        for (recipient, outcome) in zip(claim.recipients, outcomes) {
            guard case .failed(let failure, let report?) = outcome else { continue }
            reportID = report
            failures.append(DeliveryReport.Failure(failure, of: recipient.mailbox))
        }
        guard let reportID else { return nil }
        id = reportID
        self.sender = sender
        self.failures = failures
        self.claim = claim
        self.hostname = hostname
        self.date = date
    }

    /// The report as a message for the queue, with the null reverse-path (SUB-203). It stands in memory, so that a
    /// settlement that finds the disk full can be tried again with it.
    func message(_ body: DeliveryBody) async -> NewMessage? {
        guard let envelope = Envelope(reversePath: .null, recipients: [sender]) else { return nil }
        let header = await BlockingWork.run { ReportedHeader.read(body) }
        let message = claim.message
        let report = DeliveryReport(
            id: id, from: hostname, to: sender, at: date,
            about: DeliveryReport.Subject(id: message.id, received: message.received, header: header),
            failures: failures)
        return NewMessage(
            id: id, envelope: envelope, body: .inline(ByteBuffer(bytes: report.octets)), received: date,
            account: "MAILER-DAEMON", authentication: "")
    }
}

extension DeliveryReport.Failure {
    fileprivate init(_ failure: DeliveryFailure, of recipient: Mailbox) {
        self.init(recipient: recipient, status: failure.code, reason: failure.reason, reply: failure.reply)
    }
}

/// The header of a message in the queue, for a report about it.
enum ReportedHeader {
    /// More than most headers have; what is longer is cut at a line, for a report has to stay small.
    static let limit = 32 * 1024

    /// Whole lines; none where the body cannot be read, for the sender is to be told all the same. Blocks.
    static func read(_ body: DeliveryBody) -> [UInt8] {
        do throws(QueueError) {
            var reader = try body.stored().reader()
            var octets: [UInt8] = []
            while octets.count < limit, let piece = try reader.next() {
                octets += piece.readableBytesView.prefix(limit - octets.count)
            }
            return header(in: octets)
        } catch {
            return []
        }
    }

    private static func header(in octets: [UInt8]) -> [UInt8] {
        var end = octets.startIndex
        while let lineFeed = octets[end...].firstIndex(of: .lineFeed), octets[end] != .carriageReturn {
            end = lineFeed + 1
        }
        return Array(octets[..<end])
    }
}
