import Logging
import PosternDelivery
import PosternMail

/// The log of deliveries: one line for each attempt with each recipient.
struct DeliveryLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    func record(_ event: DeliveryEvent) {
        var fields: Logger.Metadata = [
            "queue_id": .string(event.message.id.description), "recipient": .string(event.recipient.description),
            "route": .string(event.route), "attempt": .stringConvertible(event.attempt),
        ]
        switch event.outcome {
        case .delivered(let place, let report):
            fields["to"] = .string(place)
            fields.add(report)
            logger.log(.info, .delivered, fields)
        case .deferred(let moment, let failure, let report):
            fields["until"] = .string(CalendarDate(moment).description)
            fields.add(failure)
            fields.add(report)
            logger.log(.notice, .deferred, fields)
        case .postponed(let moment, let failure, let report):
            fields["until"] = .string(CalendarDate(moment).description)
            fields.add(failure)
            fields.add(report)
            logger.log(.info, .postponed, fields)
        case .failed(let failure, let report):
            fields.add(failure)
            fields["report"] = .string(report?.description ?? "none")
            logger.log(.warning, .failed, fields)
        }
    }

    func record(_ notice: DeliveryNotice) {
        switch notice {
        // The event of the recipient names it.
        case .reported: break
        case .suspended(let name, let pause, let failure):
            var fields: Logger.Metadata = [
                "next_hop": .string(name), "seconds": .stringConvertible(Int(pause.components.seconds)),
            ]
            fields.add(failure)
            logger.log(.warning, .nextHopSuspended, fields)
        case .resumed(let name): logger.log(.notice, .nextHopBack, ["next_hop": .string(name)])
        }
    }
}

extension Logger.Metadata {
    /// The report that tells the sender, where there is one.
    fileprivate mutating func add(_ report: QueueID?) {
        if let report { self["report"] = .string(report.description) }
    }

    fileprivate mutating func add(_ failure: DeliveryFailure) {
        self["enhanced"] = .string(failure.code)
        self["reason"] = .string(failure.reason)
        if failure.isUncertain { self["uncertain"] = .stringConvertible(true) }
    }
}
