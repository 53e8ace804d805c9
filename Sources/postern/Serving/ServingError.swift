import ArgumentParser
import PosternQueue
import PosternServer

/// Why the server cannot begin.
enum ServingError: CommandError {
    case state(StateDirectoryError)
    case queue(reason: String)
    case listening(ListeningError)

    var description: String {
        switch self {
        case .state(let error): "\(error)"
        case .queue(let reason): reason
        case .listening(let error): "\(error)"
        }
    }

    var status: ExitCode { .temporaryFailure }
}
