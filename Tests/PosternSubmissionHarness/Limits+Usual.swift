package import PosternSubmission

extension Limits {
    /// Those of a server whose configuration says nothing of limits; `CheckTests` holds them against it.
    package static let usual = Limits(
        commandLine: 4_096, authLine: 12_288, textLine: 65_536, header: 262_144, headerFields: 1_000,
        message: 52_428_800, recipients: 1_000, transactions: 100_000, receivedLines: 100, errors: 20,
        idle: .seconds(300),
        handshake: .seconds(15), dataRate: 500, messageTime: .seconds(7_200))
}
