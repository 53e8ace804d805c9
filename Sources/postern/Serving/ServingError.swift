import ArgumentParser
import PosternAdmin
import PosternQueue
import PosternServer

/// Why the server cannot begin.
enum ServingError: CommandError {
    case state(StateDirectoryError)
    case queue(reason: String)
    case listening(ListeningError)
    case hands(AdminListeningError)

    var description: String {
        switch self {
        case .state(let error): "\(error)"
        case .queue(let reason): reason
        case .listening(let error): "\(error)"
        case .hands(let error): "\(error)"
        }
    }

    var status: ExitCode { .temporaryFailure }
}
