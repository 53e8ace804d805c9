import PosternSMTP
import PosternSubmission
import PosternSubmissionHarness
import Testing

/// Clients that send commands, nearly commands and rubbish, the same in every run: what they get in return.
@Suite("Hostile clients")
struct HostileClientTests {
    /// Stands in everything that the client may choose; and the same in BASE64.
    private static let markers = ["zqxjkv", "enf4amt2"]

    private static let lines: [[UInt8]] = [
        "EHLO zqxjkv.example.org", "HELO zqxjkv", "EHLO [192.0.2.7]", "EHLO zqxjkv (x", "MAIL FROM:<alice@example.org>",
        "MAIL FROM:<>", "mail from: <alice@example.org> size=100 body=8bitmime", "MAIL FROM:<zqxjkv@example.org>",
        "MAIL FROM:<alice@zqxjkv>", "MAIL FROM:<alice@example.org> ZQXJKV=zqxjkv",
        "MAIL FROM:<alice@example.org> SIZE=zqxjkv",
        "MAIL FROM:<alice@example.org> AUTH=zqxjkv@example.org", "MAIL FROM:<alice@example.org> SIZE=99999999999",
        "RCPT TO:<zqxjkv@example.net>", "RCPT TO:<@zqxjkv.example:friend@example.net>", "RCPT TO:<postmaster>",
        "RCPT TO:<zqxjkv@localhost>", "RCPT TO:<\"zqxjkv>\"@example.net>", "RCPT TO:<friend@example.net> NOTIFY=zqxjkv",
        "RCPT TO:zqxjkv", "DATA", "DATA zqxjkv", "RSET", "NOOP zqxjkv", "VRFY zqxjkv", "EXPN zqxjkv", "HELP zqxjkv",
        "QUIT zqxjkv", "STARTTLS", "STARTTLS zqxjkv", "ZQXJKV zqxjkv", "AUTH ZQXJKV", "AUTH EXTERNAL =",
        "AUTH EXTERNAL",
        "AUTH PLAIN", "AUTH PLAIN zqxjkv", "AUTH PLAIN enF4amt2AHpxeGprdgB6cXhqa3Y=", "AUTH EXTERNAL enF4amt2",
        "enF4amt2",
        "AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=", "*", "=", "", "zqxjkv", "BDAT 0 LAST", "BDAT zqxjkv", "BDAT 0 zqxjkv",
        String(repeating: "zqxjkv", count: 800), "AUTH PLAIN " + String(repeating: "zqxjkv", count: 3_000),
    ].map { Array($0.utf8) }

    private static let contents: [[UInt8]] = [
        ".\r\n", "Subject: zqxjkv\r\n\r\nzqxjkv\r\n.\r\n", "zqxjkv\n.\r\nMAIL FROM:<zqxjkv@example.org>\r\n.\r\n",
        "zqxjkv: \r\r\n.\r\n", String(repeating: "ZQXJKV: zqxjkv\r\n", count: 100) + "\r\n.\r\n", "\r\n..\r\n.\r\n",
        String(repeating: "zqxjkv", count: 1_000) + "\r\n.\r\n", "Received: zqxjkv\r\nReceived: zqxjkv\r\n.\r\n",
    ].map { Array($0.utf8) }

    /// What leads to a message.
    private static let course: [[UInt8]] = [
        "RSET", "EHLO zqxjkv", "AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=", "MAIL FROM:<alice@example.org> BODY=8BITMIME",
        "RCPT TO:<zqxjkv@example.net>", "DATA",
    ].map { Array($0.utf8) }

    /// A dialogue inside TLS that was led by its replies, and what came of it.
    private struct Dialogue {
        var shell: PureShell
        var sent: [UInt8] = []
    }

    @Test(
        "Each line has exactly one reply, with its code and its words, and none of the input in it (SUB-162, SUB-145, SUB-178)",
        arguments: 0..<4)
    func oneReply(_ seed: Int) throws {
        var generator = SeededGenerator(UInt64(seed) &* 977)
        var (codes, messages) = (Set<Int>(), 0)
        for _ in 0..<80 {
            let dialogue = try Self.dialogue(&generator)
            #expect(dialogue.shell.faults.isEmpty)
            codes.formUnion(dialogue.shell.replies.map(\.code))
            messages += dialogue.shell.messages.count
        }
        // They lead into transactions and out of them, and to most refusals.
        let all: Set = [
            214, 220, 235, 250, 252, 334, 354, 421, 500, 501, 502, 503, 504, 530, 535, 550, 552, 554, 555,
        ]
        #expect(codes.isSuperset(of: all), "\(all.subtracting(codes)) never came")
        #expect(messages > 20)
        // RFC 6409 §7: 521 is no reply of a submission server.
        #expect(!codes.contains(521))
    }

    @Test("SUB-160: such a dialogue has the same replies and messages in whatever pieces it comes", arguments: 0..<2)
    func pieces(_ seed: Int) throws {
        var generator = SeededGenerator(UInt64(seed) &* 1_013)
        for _ in 0..<25 {
            let dialogue = try Self.dialogue(&generator)
            for longest in [1, 7, 100, 1_000, dialogue.sent.count] {
                var shell = try Self.opened(dialogue.shell.scenario)
                var start = 0
                while start < dialogue.sent.count, !shell.isClosed {
                    let length =
                        longest < dialogue.sent.count ? Int.random(in: 1...longest, using: &generator) : longest
                    let end = min(start + length, dialogue.sent.count)
                    shell.receive(dialogue.sent[start..<end])
                    start = end
                }
                #expect(shell.replies == dialogue.shell.replies, "pieces of up to \(longest) octets")
                #expect(shell.messages == dialogue.shell.messages, "pieces of up to \(longest) octets")
                #expect(shell.faults.isEmpty)
            }
        }
    }

    @Test("SUB-033, SUB-039: where TLS comes first, octets before it close the connection, whenever they came")
    func octetsBeforeTLS() throws {
        var early = try PureShell(Scenario(.both, .implicit, .alice))
        early.receive("EHLO zqxjkv\r\nMAIL FROM:<alice@example.org>\r\n")
        early.receive(.connected)
        var late = try PureShell(Scenario(.both, .implicit, .alice))
        late.receive(.connected)
        late.receive("EHLO zqxjkv\r\nMAIL FROM:<alice@example.org>\r\n")
        for var shell in [early, late] {
            #expect(shell.isClosed && shell.session.isClosed)
            try shell.establishTLS()
            #expect(shell.replies.isEmpty)
        }
    }

    private static func dialogue(_ generator: inout SeededGenerator) throws -> Dialogue {
        var dialogue = Dialogue(shell: try opened(scenario(&generator)))
        if Bool.random(using: &generator) { exchange(lines[0], &dialogue, &generator) }
        for _ in 0..<Int.random(in: 5...40, using: &generator) {
            let isCourse = UInt8.random(in: 0...9, using: &generator) == 0
            for line in isCourse ? course : [line(&generator)] where !dialogue.shell.isClosed {
                exchange(line, &dialogue, &generator)
            }
        }
        return dialogue
    }

    private static func scenario(_ generator: inout SeededGenerator) -> Scenario {
        var scenario = Scenario(
            CertificatePolicy.allCases.randomElement(using: &generator) ?? .both, .implicit,
            [.none, .alice, .expired, .twoAccounts].randomElement(using: &generator) ?? .none)
        scenario.limits.message = 4_000
        scenario.limits.header = 1_000
        scenario.limits.receivedLines = 1
        scenario.limits.textLine = 40_000
        return scenario
    }

    private static func opened(_ scenario: Scenario) throws -> PureShell {
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        try shell.establishTLS()
        return shell
    }

    /// A line, often with some of its octets changed, without a line end.
    private static func line(_ generator: inout SeededGenerator) -> [UInt8] {
        var line = lines.randomElement(using: &generator) ?? []
        // Without some sense no dialogue would get far.
        if UInt8.random(in: 0...2, using: &generator) > 0 { return line }
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let octet = UInt8.random(in: .min ... .max, using: &generator)
            let place = Int.random(in: 0...line.count, using: &generator)
            switch UInt8.random(in: 0...2, using: &generator) {
            case 0: line.insert(octet, at: place)
            case 1 where place < line.count: line[place] = octet
            default: line.removeLast(min(line.count, place))
            }
        }
        // A size would take what follows for its chunk, a CR with the LF after it would be two lines.
        let isChunk = (try? Command(parsing: line[...]))?.verb == .bdat
        return isChunk || line.contains([0x0D, 0x0A]) || line.last == 0x0D ? Array("NOOP".utf8) : line
    }

    /// Sends a line, and a message where one is asked for.
    private static func exchange(_ line: [UInt8], _ dialogue: inout Dialogue, _ generator: inout SeededGenerator) {
        let isGreeted = greets(line)
        guard let reply = reply(to: line + [0x0D, 0x0A], &dialogue) else { return }
        check(reply, isGreeted: isGreeted)
        guard reply.code == 354 else { return }
        guard let reply = self.reply(to: contents.randomElement(using: &generator) ?? [], &dialogue) else { return }
        check(reply, isGreeted: false)
    }

    private static func greets(_ line: [UInt8]) -> Bool {
        switch (try? Command(parsing: line[...]))?.verb {
        case .ehlo, .helo: true
        default: false
        }
    }

    private static func reply(to octets: [UInt8], _ dialogue: inout Dialogue) -> Reply? {
        let before = dialogue.shell.replies.count
        dialogue.shell.receive(octets)
        dialogue.sent += octets
        let new = dialogue.shell.replies[before...]
        // The refusal that is one too many has a 421 behind it.
        let hasEnd = new.count == 2 && new.first?.code != 421 && new.last?.code == 421 && dialogue.shell.isClosed
        #expect(
            new.count == 1 || hasEnd, "\(String(decoding: octets.prefix(80), as: UTF8.self).debugDescription): \(new)")
        return new.first
    }

    private static func check(_ reply: Reply, isGreeted: Bool) {
        let hasCode = reply.code / 100 != 3 && !(isGreeted && reply.code == 250)
        #expect((reply.enhanced != nil) == hasCode, "\(reply)")
        if reply.code == 334 { #expect(reply.lines == [""]) }
        for line in reply.lines {
            #expect(!markers.contains { line.lowercased().contains($0) }, "\(reply)")
            #expect(line.utf8.allSatisfy { (32...126).contains($0) }, "\(reply)")
            if reply.code >= 400 { #expect(line.hasSuffix(" (sess000001)"), "\(reply)") }
        }
    }
}
