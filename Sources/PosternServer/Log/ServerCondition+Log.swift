import Logging

extension ServerCondition {
    var logName: ServerEventName {
        switch self {
        case .noRoom: .noRoom
        case .roomAgain: .roomAgain
        case .stress: .stress
        case .stressEnded: .stressEnded
        }
    }

    var logLevel: Logger.Level {
        switch self {
        case .noRoom: .error
        case .stress: .warning
        case .roomAgain, .stressEnded: .notice
        }
    }

    var logFields: Logger.Metadata {
        switch self {
        case .noRoom(let free, let freeFiles):
            ["free": .stringConvertible(free), "free_files": .stringConvertible(freeFiles)]
        case .stress(let connections): ["connections": .stringConvertible(connections)]
        case .roomAgain, .stressEnded: [:]
        }
    }
}
