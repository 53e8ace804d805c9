import Logging
import PosternQueue

/// The log of what the queue was found to be at a start.
struct QueueLog {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    func record(_ audit: QueueAudit) {
        for message in audit.damaged {
            logger.log(
                .error, .messageDamaged,
                ["queue_id": .string(message.id.description), "reason": .string(message.damage)])
        }
        for id in audit.repaired {
            logger.log(.notice, .messageRepaired, ["queue_id": .string(id.description)])
        }
        for path in audit.setAside {
            logger.log(.warning, .bodySetAside, ["path": .string(path)])
        }
        for id in audit.held {
            logger.log(
                .error, .messageHeld,
                ["queue_id": .string(id.description), "ends": .stringConvertible(QueueAudit.crashLimit)])
        }
        if audit.interrupted > 0 {
            logger.log(.notice, .deliveriesInterrupted, ["recipients": .stringConvertible(audit.interrupted)])
        }
    }
}
