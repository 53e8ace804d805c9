import Logging

extension ServerCondition {
    var logName: ServerEventName {
        switch self {
        case .noRoom: .noRoom
        case .roomAgain: .roomAgain
        case .stress: .stress
        case .stressEnded: .stressEnded
        case .failedLogins: .failedLogins
        case .failedLoginsEnded: .failedLoginsEnded
        }
    }

    var logLevel: Logger.Level {
        switch self {
        case .noRoom: .error
        case .stress, .failedLogins: .warning
        case .roomAgain, .stressEnded, .failedLoginsEnded: .notice
        }
    }

    var logFields: Logger.Metadata {
        switch self {
        case .noRoom(let free, let freeFiles):
            ["free": .stringConvertible(free), "free_files": .stringConvertible(freeFiles)]
        case .stress(let connections): ["connections": .stringConvertible(connections)]
        case .failedLogins(let perMinute): ["per_minute": .stringConvertible(perMinute)]
        case .roomAgain, .stressEnded, .failedLoginsEnded: [:]
        }
    }
}
