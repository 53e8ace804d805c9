import Logging

/// The names of the events of queue, delivery and process in the log, besides `ServerEventName`. docs/log.md tells what
/// each means.
enum ProcessEventName: String, CaseIterable {
    // Of the process
    case starting
    case hazard
    case storageFailed = "storage-failed"
    case logDropped = "log-dropped"
    case reloaded
    case reloadRefused = "reload-refused"
    /// In the audit log alone.
    case command
    case probeFailed = "probe-failed"
    case listenerProbed = "listener-probed"
    case listenerDiffers = "listener-differs"
    case stopping
    case stopped

    // Of the queue, at a start
    case messageDamaged = "message-damaged"
    case messageRepaired = "message-repaired"
    case bodySetAside = "body-set-aside"
    case deliveriesInterrupted = "deliveries-interrupted"
    case messageHeld = "message-held"

    // Of the delivery
    case delivered
    case deferred
    case postponed
    case failed
    case nextHopSuspended = "next-hop-suspended"
    case nextHopBack = "next-hop-back"
    // The next three are written by PosternDelivery itself.
    case claimFailed = "claim-failed"
    case settlementFailed = "settlement-failed"
    case clockJumped = "clock-jumped"
}

extension Logger {
    func log(_ level: Logger.Level, _ name: ProcessEventName, _ fields: Logger.Metadata = [:]) {
        log(level: level, Logger.Message(stringLiteral: name.rawValue), metadata: fields)
    }
}
