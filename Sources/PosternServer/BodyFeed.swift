import NIOCore
import NIOPosix
import PosternMail
import PosternQueue
import PosternSubmission

/// Carries one message's octets from the event loop to its `BodyWriter`. What fits into memory is taken at once; the
/// rest goes to a thread that may block, one stretch after the other.
///
/// Belongs to its event loop.
final class BodyFeed {
    /// What may wait for the disk before no more is read from the client.
    static let highWater = 64 * 1_024

    private let writer: BodyWriter
    private let threads: NIOThreadPool
    private let eventLoop: any EventLoop
    private let relieved: () -> Void

    private var waiting: [ByteBuffer] = []
    private var waitingOctets = 0
    private var isWriting = false
    private var failure: QueueError?
    private var finish: ((Result<MessageBody, QueueError>) -> Void)?

    /// - Parameter relieved: called when octets that had to wait are written, so that reading may go on.
    init(_ writer: BodyWriter, threads: NIOThreadPool, eventLoop: any EventLoop, relieved: @escaping () -> Void) {
        self.writer = writer
        self.threads = threads
        self.eventLoop = eventLoop
        self.relieved = relieved
    }

    var isFull: Bool { waitingOctets > Self.highWater }

    func append(_ octets: ByteBuffer) {
        if !isWriting, waiting.isEmpty, writer.appendInMemory(octets) { return }
        guard failure == nil else { return }
        waiting.append(octets)
        waitingOctets += octets.readableBytes
        writeNext()
    }

    /// - Parameter completion: called on the event loop when everything is written, with the body or what went wrong.
    func finish(_ completion: @escaping (Result<MessageBody, QueueError>) -> Void) {
        finish = completion
        endIfWritten()
    }

    func discard() {
        waiting = []
        waitingOctets = 0
        let writer = writer
        // Removing a file may block.
        threads.submit { _ in writer.discard() }
    }

    private func writeNext() {
        guard !isWriting, !waiting.isEmpty else { return }
        isWriting = true
        let stretches = waiting
        waiting = []
        let writer = writer
        threads.runIfActive(eventLoop: eventLoop) { () -> QueueError? in
            do throws(QueueError) {
                for stretch in stretches { try writer.append(stretch) }
                return nil
            } catch {
                return error
            }
        }.assumeIsolated().whenComplete { [self] result in
            isWriting = false
            waitingOctets = waiting.reduce(0) { $0 + $1.readableBytes }
            switch result {
            case .success(nil): break
            case .success(let error?): failure = error
            case .failure: failure = .stopped(nil)
            }
            if failure != nil {
                waiting = []
                waitingOctets = 0
            }
            writeNext()
            endIfWritten()
            relieved()
        }
    }

    private func endIfWritten() {
        guard !isWriting, waiting.isEmpty, let completion = finish else { return }
        finish = nil
        if let failure { return completion(.failure(failure)) }
        if let body = writer.finishInMemory() { return completion(.success(body)) }
        let writer = writer
        threads.runIfActive(eventLoop: eventLoop) { () -> Result<MessageBody, QueueError> in
            Result { () throws(QueueError) in try writer.finish() }
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let result): completion(result)
            case .failure: completion(.failure(.stopped(nil)))
            }
        }
    }
}
