public import PosternCertificates
public import PosternIdentity
public import PosternMail

/// A moment by both clocks: the wall's, which dates certificates and messages and may jump, and the monotonic one, by
/// which deadlines are kept.
public struct Moment: Hashable, Sendable {
    public var wall: Timestamp
    /// Since some moment in the past; never goes back.
    public var monotonic: Duration

    public init(wall: Timestamp, monotonic: Duration) {
        self.wall = wall
        self.monotonic = monotonic
    }
}

/// All that a session's step depends on besides the session itself and the event.
public struct Surroundings: Sendable {
    public var now: Moment
    public var settings: Settings
    public var snapshot: Snapshot
    /// Whether the disk has room for new messages, as it was a moment ago.
    public var hasRoom: Bool
    /// Whether so many clients are connected that those who do little must make room.
    public var isUnderStress: Bool

    public init(
        now: Moment, settings: Settings, snapshot: Snapshot, hasRoom: Bool = true, isUnderStress: Bool = false
    ) {
        self.now = now
        self.settings = settings
        self.snapshot = snapshot
        self.hasRoom = hasRoom
        self.isUnderStress = isUnderStress
    }
}

// What of the limits is less under stress (threats.md F2).
extension Surroundings {
    /// What a client is granted under stress, whatever it is granted otherwise.
    private static let patience = Duration.seconds(10)

    private func patience(_ usual: Duration) -> Duration { isUnderStress ? min(usual, Self.patience) : usual }

    var idle: Duration { patience(settings.limits.idle) }
    var handshake: Duration { patience(settings.limits.handshake) }
    var errors: Int { isUnderStress ? min(settings.limits.errors, 1) : settings.limits.errors }
    var pace: Pace.Bounds {
        Pace.Bounds(
            rate: settings.limits.dataRate, grace: patience(.seconds(30)), total: settings.limits.messageTime)
    }
}

/// The connection that a session speaks on.
public struct Connection: Hashable, Sendable {
    /// The session's name in the log, at the end of each refusal, and where somebody asks "why?".
    public let id: SessionID
    /// The client's address: `192.0.2.7`, `2001:db8::7`.
    public let clientAddress: String

    public init(id: SessionID, clientAddress: String) {
        self.id = id
        self.clientAddress = clientAddress
    }
}

/// Ten characters, unlikely to come twice while anyone still remembers.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter random: a fresh random number; its lower 50 bits are used.
    public init(random: UInt64) {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let digits = stride(from: 45, through: 0, by: -5).map { alphabet[Int(random >> $0 & 31)] }
        description = String(decoding: digits, as: UTF8.self)
    }
}

/// What a finished handshake established.
public struct TLSFacts: Sendable {
    public let version: TLSVersion
    /// What the client's chain says; nil where it sent none.
    public let examination: Examination?

    public init(version: TLSVersion, examination: Examination?) {
        self.version = version
        self.examination = examination
    }
}
