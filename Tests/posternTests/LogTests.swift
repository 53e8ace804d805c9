import Foundation
import Logging
import PosternIdentity
import PosternMail
import PosternSASL
import PosternSMTP
import PosternServer
import PosternSubmissionHarness
import PosternTestSupport
import Synchronization
import Testing

@testable import PosternSubmission
@testable import postern

/// Lines of a log, kept.
final class LogLines: Sendable {
    private let kept = Mutex<[String]>([])

    var all: [String] { kept.withLock { $0 } }

    var output: LogOutput {
        LogOutput(
            write: { [self] line in kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } },
            now: { Timestamp(nanoseconds: Timestamp.testNow.nanoseconds + 7_000_000) })
    }
}

@Suite("The log")
struct LogTests {
    let lines = LogLines()

    @Test("a line of JSON has time, level, event and the fields by the alphabet")
    func json() {
        Logger(.json, to: lines.output).notice(
            "listening", metadata: ["port": .stringConvertible(587), "address": "::", "open": .stringConvertible(true)])
        #expect(
            lines.all == [
                #"{"time":"2026-06-01T00:00:00.007Z","level":"notice","event":"listening","address":"::","open":true,"port":587}"#
            ])
    }

    @Test("fields within fields, and lists, are JSON too")
    func nested() {
        Logger(.json, to: lines.output).info(
            "x", metadata: ["auth": ["cert": ["san": ["a@b.c", "d@e.f"], "none": .array([])], "result": "accepted"]])
        #expect(
            lines.all.first?.hasSuffix(
                #""event":"x","auth":{"cert":{"none":[],"san":["a@b.c","d@e.f"]},"result":"accepted"}}"#) == true)
    }

    @Test(
        "nothing that could end a line, drive a terminal or turn its text round is written as it is",
        arguments: [
            ("\n", #"\u000a"#), ("\r", #"\u000d"#), ("\0", #"\u0000"#), ("\u{1B}[2J", #"\u001b[2J"#),
            ("\u{7F}", #"\u007f"#), ("\u{85}", #"\u0085"#), ("\u{9B}31m", #"\u009b31m"#), ("\u{2028}", #"\u2028"#),
            ("\u{2029}", #"\u2029"#), ("\u{202E}gnp", #"\u202egnp"#), ("\u{200B}", #"\u200b"#),
            ("\u{FEFF}", #"\ufeff"#),
            ("\u{E0001}", #"\udb40\udc01"#), ("\"", #"\""#), ("\\", #"\\"#), ("é€😀", "é€😀"),
        ])
    func escaping(text: String, expected: String) throws {
        Logger(.json, to: lines.output).info("x", metadata: ["field": .string("a\(text)z")])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix(#""field":"a\#(expected)z"}"#))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["field"] as? String == "a\(text)z")

        let plain = LogLines()
        Logger(.text, to: plain.output).info("x", metadata: ["field": .string("a\(text)z")])
        let visible = try #require(plain.all.first)
        #expect(visible.unicodeScalars.allSatisfy { SafeText.shows($0) })
    }

    @Test("a field is cut at 256 octets, between characters")
    func cutting() throws {
        for (text, kept) in [
            (String(repeating: "a", count: 256), String(repeating: "a", count: 256)),
            (String(repeating: "a", count: 257), String(repeating: "a", count: 256) + "…"),
            (String(repeating: "a", count: 255) + "é", String(repeating: "a", count: 255) + "…"),
            (String(repeating: "é", count: 4_000), String(repeating: "é", count: 128) + "…"),
        ] {
            let lines = LogLines()
            Logger(.json, to: lines.output).info("x", metadata: ["field": .string(text)])
            #expect(lines.all.first?.hasSuffix(#""field":"\#(kept)"}"#) == true)
        }
        #expect(SafeText.escape(String(repeating: "\u{1B}", count: 1_000)).utf8.count == 256 * 6 + 3)
    }

    @Test("a line for people has one word a field, or quotes around it")
    func text() {
        Logger(.text, to: lines.output).info(
            "accepted", metadata: ["who": "alice", "reply": "two words", "auth": ["result": "x\"y"], "empty": ""])
        #expect(
            lines.all == [
                #"2026-06-01T00:00:00.007Z info accepted auth.result="x\"y" empty="" reply="two words" who=alice"#
            ])
    }

    @Test("an accepted message is one line with who, which sequence, its id, recipients and size")
    func accepted() throws {
        let recipients = [try mailbox("a@example.org"), try mailbox("b@example.org")]
        let submission = Submission(
            id: QueueID(time: .testNow, random: 1),
            envelope: try #require(Envelope(reversePath: .null, recipients: recipients)),
            account: "alice", sequence: .implicit, size: 4_096, received: .testNow)
        ServerLog(Logger(.json, to: lines.output)).record(
            .accepted(submission), of: Connection(id: SessionID(random: 0), clientAddress: "192.0.2.1"),
            on: "submission")
        let expected = """
            {"time":"2026-06-01T00:00:00.007Z","level":"info","event":"accepted","account":"alice","client":"192.0.2.1",\
            "from":"<>","listener":"submission","queue_id":"\(submission.id)","recipients":2,\
            "sequence":"implicit-cert","session":"0000000000","size":4096}
            """
        #expect(lines.all == [expected])
    }

    @Test("a handshake that takes too long is one that failed, and the setting is named")
    func handshakeTimeout() {
        ServerLog(Logger(.json, to: lines.output)).record(
            .handshakeTimedOut(after: .seconds(15)),
            of: Connection(id: SessionID(random: 0), clientAddress: "192.0.2.1"), on: "submission")
        let expected = """
            {"time":"2026-06-01T00:00:00.007Z","level":"info","event":"handshake-failed","client":"192.0.2.1",\
            "listener":"submission","reason":"the TLS handshake was not done after 15 s (limits.handshake)",\
            "session":"0000000000"}
            """
        #expect(lines.all == [expected])
    }

    @Test("why a good certificate leads to nobody stands in the log, and that the list it was looked up in is old")
    func certificate() throws {
        var scenario = Scenario(.both, .implicit, .nobody)
        scenario.identities.lists = .staleSoft
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        try shell.establishTLS()
        let connection = Connection(id: SessionID(random: 0), clientAddress: "192.0.2.1")
        for event in shell.events {
            ServerLog(Logger(.json, to: lines.output)).record(event, of: connection, on: "submission")
        }
        let line = try #require(lines.all.first)
        #expect(line.contains(#""mapping":["rfc822-name nobody: nobody@example.org"],"#))
        #expect(
            line.contains(#""warnings":["the revocation list of CN=Devices of example.org was good until 2026-05-31"#))
        #expect(line.contains(#""state":"unmapped""#))
        #expect(!line.contains(#""findings""#))
    }

    @Test("a whole session with a password and with EXTERNAL leaves no credential in the log")
    func noCredentials() throws {
        let hostname = try #require(Domain("mail.example.org"))
        let settings = Settings(
            hostname: hostname, postmaster: try mailbox("p@example.org"),
            listener: ListenerSettings(name: "l", tls: .implicit, policy: .both), limits: .usual)
        let surroundings = Surroundings(
            now: Moment(wall: .testNow, monotonic: .zero), settings: settings,
            snapshot: Snapshot(accounts: [], grants: []))
        var logger = Logger(.json, to: lines.output)
        logger.logLevel = .trace
        let log = ServerLog(logger)
        let connection = Connection(id: SessionID(random: 0), clientAddress: "192.0.2.1")
        var session = Session(connection)
        let credentials = Base64.encode(Array("\0alice\0hunter2".utf8))
        func receive(_ event: Event) {
            for action in session.receive(event, in: surroundings) {
                switch action {
                case .log(let event): log.record(event, of: connection, on: "l")
                case .checkPassword(let attempt): receive(.passwordChecked(attempt.run()))
                default: break
                }
            }
        }
        receive(.connected)
        receive(.tlsEstablished(TLSFacts(version: .v13, examination: nil)))
        for line in [
            "EHLO x", "AUTH PLAIN \(credentials)", "AUTH PLAIN", credentials, "AUTH PLAIN \(credentials)x", "hunter2",
        ] {
            receive(.bytes(.init(string: line + "\r\n")))
        }
        #expect(lines.all.count >= 5)
        #expect(lines.all.contains { $0.contains(#""reason":"wrong-password""#) })
        #expect(lines.all.allSatisfy { !$0.contains("hunter2") && !$0.contains(credentials) })
    }
}
