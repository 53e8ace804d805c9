import Yams

/// When what could not be delivered is tried again, and when it is given up (RFC 5321 §4.5.4.1).
public struct Schedule: Sendable, Equatable {
    /// Between the first attempt and the second, the second and the third and so on; the last holds for all that follow.
    public var retry: [Duration] = [.seconds(60), .seconds(300), .seconds(900), .seconds(1_800)]
    /// After this time a message that is deferred has failed.
    public var expiry = Duration.seconds(5 * 86_400)
    /// After this time the sender is told that a message is still on its way; nil for never.
    public var delayWarning: Duration? = .seconds(4 * 3_600)

    /// Where each key that was given stands.
    var places: [String: SourceLocation] = [:]

    public init() {}
}

extension Schedule {
    private static let longest = Duration.seconds(30 * 86_400)

    static let settings: [Setting<Schedule>] = [
        Setting(
            name: "retry",
            documentation: "How long to wait after the first attempt, after the second, and so on; the last one stays.",
            isRequired: false,
            example: .standard("[\(Schedule().retry.map(retryTime.write).joined(separator: ", "))]"),
            read: { node, reader, schedule in
                guard let times = reader.values(of: node, key: "retry", as: retryTime) else { return }
                schedule.retry = times.map(\.value)
                schedule.places["retry"] = times.first?.location
            }),
        .kept(
            "expiry", \.expiry, .duration(.seconds(1)...longest),
            "After this time a message that is still deferred has failed, and its sender is told."),
        .kept(
            "delay-warning", \.delayWarning, .durationOrOff(.seconds(1)...longest),
            "After this time a sender is told that a message is still on its way. off: never."),
    ]

    private static let retryTime = Form<Duration>.duration(.seconds(1) ... .seconds(86_400))
}

extension Setting where Section == Schedule {
    /// A setting whose place is kept.
    fileprivate static func kept<Value>(
        _ name: String, _ path: WritableKeyPath<Schedule, Value> & Sendable, _ form: Form<Value>,
        _ documentation: String
    ) -> Setting {
        let example = Example.standard(form.write(Schedule()[keyPath: path]))
        return Setting(name: name, documentation: documentation, isRequired: false, example: example) {
            node, reader, schedule in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            schedule[keyPath: path] = value.value
            schedule.places[name] = value.location
        }
    }
}

extension Reader {
    func schedule(of node: Node) -> Schedule {
        var schedule = Schedule()
        // All of it may be commented out, as in the example file.
        guard !isNothing(node) else { return schedule }
        read(node, as: Schedule.settings, named: "schedule", at: location(of: node), into: &schedule)
        check(schedule)
        return schedule
    }

    private func check(_ schedule: Schedule) {
        if let place = schedule.places["delay-warning"], let warning = schedule.delayWarning, warning >= schedule.expiry
        {
            let expiry = Form<Duration>.written(schedule.expiry)
            let sentence = "nobody would be warned, since a message fails after 'expiry', \(expiry)"
            report(.rule("delay-warning: \(sentence); write a shorter time, or 'off'"), at: place)
        }
        if let place = schedule.places["expiry"], schedule.expiry < .seconds(4 * 86_400) {
            let sentence = "expiry is under 4d: RFC 5321 section 4.5.4.1 gives a next hop that is down 4 to 5 days"
            report(.rule(sentence), at: place, .hazard)
        }
    }
}
