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
            logger.error(
                "message-damaged",
                metadata: ["queue_id": .string(message.id.description), "reason": .string(message.damage)])
        }
        for id in audit.repaired {
            logger.notice("message-repaired", metadata: ["queue_id": .string(id.description)])
        }
        for path in audit.setAside {
            logger.warning("body-set-aside", metadata: ["path": .string(path)])
        }
        if audit.interrupted > 0 {
            logger.notice("deliveries-interrupted", metadata: ["recipients": .stringConvertible(audit.interrupted)])
        }
    }
}
