import NIOCore
import PosternMail
import PosternSMTP
import PosternSubmissionHarness
import Testing

@testable import PosternSubmission

/// Sessions that are told anything in any order, the same in every run.
@Suite("Random sessions")
struct RandomSessionTests {
    private static let fragments: [[UInt8]] = [
        "EHLO client.example.org\r\n", "HELO x\r\n", "AUTH EXTERNAL =\r\n", "AUTH EXTERNAL\r\n", "\r\n", "=\r\n",
        "*\r\n",
        "AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n", "AUTH PLAIN AGFsaWNlAHdyb25n\r\n", "AUTH PLAIN\r\n",
        "AGFsaWNlAHdvbmRlcmxhbmQ=\r\n", "MAIL FROM:<alice@example.org>\r\n", "MAIL FROM:<>\r\n",
        "MAIL FROM:<bob@example.org>\r\n", "MAIL FROM:<alice@example.org> SIZE=3000\r\n", "MAIL FROM:<alice> X\r\n",
        "RCPT TO:<friend@example.net>\r\n", "RCPT TO:<postmaster>\r\n", "RCPT TO:<a@example.net>\r\n",
        "RCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\n", "DATA\r\n", "Subject: x\r\n", ".\r\n", "..\r\n",
        "text\n.\r\n", ".\r", "\r", "\n", "BDAT 10\r\n", "BDAT 0 LAST\r\n", "BDAT 3 LAST\r\nabc", "BDAT 20\r\n",
        "BDAT 2500\r\n" + String(repeating: "x", count: 2_500), "RSET\r\n",
        "NOOP\r\n",
        "VRFY x\r\n", "EXPN x\r\n", "HELP\r\n", "XYZZY\r\n", "NOOP x\0\r\n", "RSET\r\nEHLO client.example.org\r\n",
        "RSET\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n", "\r\ntext\r\n.\r\n",
        String(repeating: "x", count: 900) + "\r\n", String(repeating: "x", count: 13_000),
        String(repeating: "Received: x\r\n", count: 10),
    ].map { Array($0.utf8) }

    private static let courses: [[UInt8]] = [
        "RSET\r\nEHLO client.example.org\r\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n",
        "EHLO client.example.org\r\nAUTH EXTERNAL =\r\n",
        "RSET\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n",
        "RSET\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n\r\ntext\r\n.\r\n",
        "RSET\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nBDAT 2\r\n\r\nBDAT 8 LAST\r\n\r\ntext\r\n",
        "RSET\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nBDAT 12 LAST\r\nSubject: x\r\n",
    ].map { Array($0.utf8) }

    /// What ends most sessions.
    private static let endings: [[UInt8]] = [
        "BDAT 9999999999999999999\r\n", "QUIT\r\n", "GET / HTTP/1.1\r\n", "\u{16}\u{03}\u{01}", "STARTTLS\r\nNOOP\r\n",
        String(repeating: "x", count: 70_000),
    ].map { Array($0.utf8) }

    @Test(
        "No course of events ends the process; buffers stay bounded; every refusal has a code, a sentence and the session",
        arguments: 0..<6)
    func courses(_ seed: Int) throws {
        var generator = SeededGenerator(UInt64(seed))
        var (codes, messages) = (Set<Int>(), 0)
        for _ in 0..<500 {
            var shell = try PureShell(Self.scenario(&generator))
            shell.receive(.connected)
            if shell.scenario.listener.tls == .startTLS, Bool.random(using: &generator) {
                shell.receive("STARTTLS\r\n")
            }
            for _ in 0..<Int.random(in: 10...150, using: &generator) { try Self.step(&shell, &generator) }
            #expect(shell.faults.isEmpty)
            for reply in shell.replies where reply.code >= 400 { Self.check(reply) }
            for message in shell.messages { #expect(message.submission.account == "alice") }
            codes.formUnion(shell.replies.map(\.code))
            messages += shell.messages.count
        }
        // The courses lead everywhere, not only to refusals.
        #expect(messages > 20)
        let all: Set = [
            214, 220, 221, 235, 250, 252, 334, 354, 421, 451, 452, 454, 500, 501, 502, 503, 504, 530, 535, 550, 552,
            554, 555,
        ]
        #expect(codes == all)
    }

    private static func scenario(_ generator: inout SeededGenerator) -> Scenario {
        var scenario = Scenario(
            CertificatePolicy.allCases.randomElement(using: &generator) ?? .both,
            TLSMode.allCases.randomElement(using: &generator) ?? .implicit,
            [.none, .alice, .expired, .twoAccounts].randomElement(using: &generator) ?? .none)
        scenario.limits.header = 300
        scenario.limits.message = 2_000
        scenario.limits.recipients = 3
        scenario.limits.errors = 60
        if UInt8.random(in: 0...9, using: &generator) == 0 { scenario.listener.unusable = .refuse }
        return scenario
    }

    private static func step(_ shell: inout PureShell, _ generator: inout SeededGenerator) throws {
        if shell.session.isSecuring, isOnce(in: 2, &generator) { try shell.establishTLS() }
        if shell.session.isWaiting, isOnce(in: 2, &generator) { answer(&shell) }
        switch UInt8.random(in: 0...59, using: &generator) {
        case 0: shell.receive(.connected)
        case 1: try shell.establishTLS()
        case 2: shell.receive(.passwordNotChecked(.workersBusy))
        case 3 where !shell.hasBody: shell.receive(.bodyRefused)
        case 4: shell.receive(.stored)
        case 5: shell.receive(.notStored(.broken))
        case 6:
            shell.now.monotonic += .seconds(Int.random(in: 0...100, using: &generator))
            shell.receive(.tick)
        case 7 where isOnce(in: 8, &generator): shell.receive(.drain)
        case 8 where isOnce(in: 8, &generator): shell.receive(.closed)
        case 9: shell.storage = [nil, .full, .broken].randomElement(using: &generator) ?? nil
        case 10: shell.hasMemory.toggle()
        case 11: shell.obstacle = [nil, .workersBusy, .accountUnderAttack].randomElement(using: &generator) ?? nil
        case 12:
            shell.scenario.identities.revoked = Bool.random(using: &generator) ? [.revoked, .alice] : [.revoked]
            try shell.reload()
        case 13: shell.answers = Bool.random(using: &generator) ? .atOnce : .held
        case 14 where isOnce(in: 2, &generator): send(endings.randomElement(using: &generator) ?? [], to: &shell)
        default: sendFragments(to: &shell, &generator)
        }
    }

    private static func isOnce(in times: UInt8, _ generator: inout SeededGenerator) -> Bool {
        UInt8.random(in: 0..<times, using: &generator) == 0
    }

    /// The answer that the session waits for.
    private static func answer(_ shell: inout PureShell) {
        switch shell.held.last {
        case .checkPassword(let attempt): shell.receive(.passwordChecked(attempt.run()))
        case .openBody: shell.receive(shell.hasBody ? .bodyOpened(.test(9)) : .bodyRefused)
        default: shell.receive(.stored)
        }
    }

    private static func sendFragments(to shell: inout PureShell, _ generator: inout SeededGenerator) {
        // Without some sense the courses would not get far.
        if case .receiving = shell.session.state, isOnce(in: 3, &generator) {
            return send(Array("\r\ntext\r\n.\r\n".utf8), to: &shell)
        }
        if case .commanding = shell.session.state, isOnce(in: 6, &generator) {
            return send(courses.randomElement(using: &generator) ?? [], to: &shell)
        }
        var octets: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            octets += fragments.randomElement(using: &generator) ?? []
        }
        if isOnce(in: 8, &generator) {
            octets = Array(octets.prefix(Int.random(in: 1...octets.count, using: &generator)))
        }
        send(octets, to: &shell)
    }

    /// A shell reads nothing while the session waits.
    private static func send(_ octets: [UInt8], to shell: inout PureShell) {
        guard !shell.session.isWaiting, !shell.isClosed else { return }
        shell.receive(octets)
        let held = shell.session.input.readableBytes
        if !shell.session.isWaiting, held > shell.scenario.limits.authLine { Issue.record("\(held) octets are held") }
    }

    /// What SUB-162 and the words of a refusal ask for.
    private static func check(_ reply: Reply) {
        #expect((400...599).contains(reply.code))
        #expect(reply.enhanced != nil)
        for line in reply.lines {
            #expect(line.hasSuffix(" (sess000001)"))
            #expect(line.utf8.count > " (sess000001)".utf8.count + 5)
            #expect(line.utf8.count < 490)
        }
    }

    @Test("threats.md C6: a hundred megabytes without a line end are cut off after 64 KiB, and nothing is kept")
    func endlessLine() throws {
        var shell = try PureShell(Scenario(.both, .startTLS))
        shell.receive(.connected)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 8_192)
        var pieces = 0
        while !shell.isClosed, pieces < 12_800 {
            shell.receive(piece)
            pieces += 1
        }
        #expect(pieces == 9)
        #expect(shell.takeLines().last == "500 5.5.2 line without an end; closing (sess000001)")
        #expect(shell.session.input.readableBytes == 0)
    }

    @Test("A client that never lets the input run empty makes nothing grow")
    func neverEmpty() throws {
        var shell = try PureShell(Scenario(.both, .startTLS))
        shell.receive(.connected)
        shell.receive("NO")
        for _ in 0..<20_000 { shell.receive("OP\r\nNO") }
        #expect(shell.replies.count == 20_001)
        #expect(shell.session.input.capacity < 64)
    }

    @Test("threats.md C7, SUB-012, SUB-013: a thousand recipients pass, the next gets 452, those before stay")
    func recipients() throws {
        var shell = try PureShell(Scenario(.both, .implicit, .alice))
        shell.receive(.connected)
        try shell.establishTLS()
        shell.receive("EHLO client.example.org\r\nMAIL FROM:<alice@example.org>\r\n")
        for number in 1...1_001 { shell.receive("RCPT TO:<r\(number)@example.net>\r\n") }
        #expect(shell.replies.suffix(1_001).prefix(1_000).allSatisfy { $0.code == 250 })
        #expect(shell.replies.last?.code == 452)
        shell.receive("DATA\r\n.\r\n")
        #expect(shell.messages.first?.submission.envelope.recipients.count == 1_000)
    }

    @Test("threats.md C9: a message of megabytes over the limit is read to its end and kept nowhere")
    func tooLarge() throws {
        var scenario = Scenario(.both, .implicit, .alice)
        scenario.limits.message = 100_000
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        try shell.establishTLS()
        shell.receive(
            "EHLO client.example.org\r\nMAIL FROM:<alice@example.org> SIZE=1\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n\r\n"
        )
        let line = String(repeating: "x", count: 998) + "\r\n"
        for _ in 0..<90 { shell.receive(line) }
        #expect(shell.hasBody)
        for _ in 0..<2_910 { shell.receive(line) }
        #expect(!shell.hasBody)
        #expect(shell.session.input.readableBytes == 0)
        shell.receive(".\r\nNOOP\r\n")
        #expect(shell.replies.suffix(2).map(\.code) == [552, 250])
        #expect(shell.messages.isEmpty)
    }

    @Test("threats.md C6: a header without an end is read to the end of data and refused")
    func endlessHeader() throws {
        var shell = try PureShell(Scenario(.both, .implicit, .alice))
        shell.receive(.connected)
        try shell.establishTLS()
        shell.receive(
            "EHLO client.example.org\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n")
        let field = "X: " + String(repeating: "x", count: 990) + "\r\n"
        for _ in 0..<2_000 { shell.receive(field) }
        #expect(!shell.hasBody)
        shell.receive(".\r\nNOOP\r\n")
        #expect(shell.replies.suffix(2).map(\.code) == [554, 250])
        #expect(shell.messages.isEmpty)
    }
}
