import PosternSMTP
import PosternServer
import PosternSubmission

/// Tells several observers, one after the other.
struct Observers: ServerObserver {
    let all: [any ServerObserver]

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {
        for observer in all { observer.record(event, of: connection, on: listener) }
    }

    func record(_ code: Int, to verb: Verb?) {
        for observer in all { observer.record(code, to: verb) }
    }

    func record(_ condition: ServerCondition) {
        for observer in all { observer.record(condition) }
    }

    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {
        for observer in all { observer.record(event, of: connection, on: listener) }
    }
}
