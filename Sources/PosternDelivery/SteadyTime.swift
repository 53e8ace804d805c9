import PosternMail

/// The wall clock, as far as it can be believed. Pure: readings of both clocks are handed in.
///
/// What is queued holds moments of the wall clock, which may jump by days, back and forth, when somebody sets it. Here a
/// jump neither makes a message old nor keeps one waiting: between two readings as much time has passed as the monotonic
/// clock says, and a message is as old as that clock says for as long as this process knows of it.
struct SteadyTime {
    /// Both clocks, at once.
    struct Reading: Sendable {
        var wall: Timestamp
        /// Since some moment in the past; never goes back.
        var monotonic: Duration
    }

    /// A time between two jumps.
    private struct Span {
        /// On the monotonic clock.
        let start: Duration
        /// The wall clock's lead over the monotonic one. It drifts.
        var lead: Duration
    }

    /// A difference up to which the wall clock is followed without a word: it is corrected now and then.
    static let tolerance = Duration.seconds(60)
    /// Clocks that jump all the time are not worth more memory.
    private static let mostSpans = 16

    private var spans: [Span]
    private var monotonic: Duration
    /// The largest lead that was seen: time that is measured with it never goes back.
    private var largestLead: Duration

    init(_ reading: Reading) {
        monotonic = reading.monotonic
        largestLead = reading.lead
        spans = [Span(start: reading.monotonic, lead: reading.lead)]
    }

    /// Takes a newer reading.
    /// - Returns: by how much the wall clock has jumped, if it has.
    mutating func observe(_ reading: Reading) -> Duration? {
        // Readings of several threads may come in another order than they were made.
        monotonic = max(monotonic, reading.monotonic)
        largestLead = max(largestLead, reading.lead)
        let last = spans.count - 1
        let change = reading.lead - spans[last].lead
        guard abs(change) > Self.tolerance else {
            spans[last].lead = reading.lead
            return nil
        }
        spans.append(Span(start: monotonic, lead: reading.lead))
        if spans.count > Self.mostSpans { spans.removeFirst() }
        return change
    }

    /// The moment by which what is due is measured: it follows the wall clock forward, and never goes back, so that a
    /// moment that was set before a jump comes in time or early.
    var now: Timestamp { Timestamp.epoch + (monotonic + largestLead) }

    /// How long ago that was, the wall clock's jumps left out as far as this process has seen them.
    func age(of moment: Timestamp) -> Duration {
        var end = monotonic
        // For a moment of the future, or one over which the clock has jumped.
        var nearest = monotonic
        // After a jump back a moment may lie in two spans: it is taken for the later one.
        for (index, span) in spans.enumerated().reversed() {
            let point = moment - .epoch - span.lead
            if point <= end {
                if point >= span.start || index == 0 { return monotonic - point }
                nearest = span.start
            }
            end = span.start
        }
        return monotonic - nearest
    }

    private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}

extension SteadyTime.Reading {
    fileprivate var lead: Duration { wall - .epoch - monotonic }
}

extension Timestamp {
    fileprivate static let epoch = Timestamp(nanoseconds: 0)
}
