/// Takes a message in as its octets come: its header first, which is prepared as soon as it is whole, then its body.
public struct MessageReceiver {
    public typealias Prepare = (_ header: [UInt8], _ bodyStart: [UInt8]) throws(IntakeError) -> PreparedMessage

    private var header = HeaderReader()
    private var prepared: PreparedMessage?
    private var stage: ContentStage
    private let prepare: Prepare

    /// - Parameter folder: where a large message is put down.
    public init(folder: String, prepare: @escaping Prepare) {
        stage = ContentStage(folder: folder)
        self.prepare = prepare
    }

    public mutating func receive(_ octets: [UInt8]) throws(ReceivingError) {
        if prepared != nil {
            try append(octets)
            return
        }
        header.read(octets)
        guard !header.isTooLong else { throw .intake(.headerTooLong(limit: HeaderReader.limit)) }
        if header.isComplete { try begin() }
    }

    public consuming func finish() throws(ReceivingError) -> (message: PreparedMessage, content: StagedContent) {
        if let prepared { return (prepared, stage.finish()) }
        header.end()
        let prepared = try begin()
        return (prepared, stage.finish())
    }

    @discardableResult
    private mutating func begin() throws(ReceivingError) -> PreparedMessage {
        let message: PreparedMessage
        do throws(IntakeError) {
            message = try prepare(header.header, header.rest)
        } catch {
            throw .intake(error)
        }
        prepared = message
        do throws(FileFault) { try stage.begin(header: message.header) } catch { throw .file(error) }
        try append(header.rest)
        return message
    }

    private mutating func append(_ octets: [UInt8]) throws(ReceivingError) {
        do throws(FileFault) { try stage.append(octets) } catch { throw .file(error) }
    }
}

/// Why a message cannot be taken in.
public enum ReceivingError: Error, Hashable, Sendable, CustomStringConvertible {
    case intake(IntakeError)
    /// There is no room for it, say.
    case file(FileFault)

    public var description: String {
        switch self {
        case .intake(let error): "\(error)"
        case .file(let fault): "\(fault)"
        }
    }

    public var status: SendStatus {
        switch self {
        case .intake(let error): error.status
        case .file: .inputOutput
        }
    }
}
