import Foundation
import PosternSMTP
import Testing

@testable import PosternProbe

@Suite("Probe: limits")
struct LimitTests {
    private let target = ProbeTarget(host: "mx.example", port: 465, security: .implicit)

    @Test("SUB-226: six connections a port, with the conformance list twelve, and each a second after the last")
    func connections() throws {
        for (isExtended, limit) in [(false, 6), (true, 12)] {
            var budget = ProbeBudget(isExtended: isExtended)
            for number in 0..<limit {
                let permit = try budget.permit(.stranger, on: target, at: .zero)
                #expect(permit.notBefore == .seconds(number))
            }
            #expect(throws: ProbeBudget.Shortage.connections(limit: limit)) {
                let permit = try budget.permit(.stranger, on: target, at: .zero)
                _ = permit.notBefore
            }
            let other = ProbeTarget(host: "mx.example", port: 587, security: .starttls)
            let permit = try budget.permit(.stranger, on: other, at: .seconds(100))
            #expect(permit.notBefore == .seconds(100))
        }
    }

    @Test("three failed AUTH a run, counted before they are said; one that succeeds is given back")
    func failures() throws {
        var budget = ProbeBudget(isExtended: true)
        for code in [235, 535, 503, 535, 235, 535] {
            _ = try budget.permit(.external, on: target, at: .zero).notBefore
            var observation = Observation(.external)
            observation.answers = [.init(command: .authenticate(.empty), reply: Reply(code, "words"))]
            budget.settle(observation, at: .zero)
        }
        #expect(budget.failedAuthentications == 3)
        #expect(throws: ProbeBudget.Shortage.failedAuthentications) {
            let permit = try budget.permit(.external, on: target, at: .zero)
            _ = permit.notBefore
        }
    }

    @Test("no step can fail AUTH more than once: behind a failure none is said")
    func oncePerConnection() {
        for check in ConformanceCheck.allCases where check != .foreignSender {
            let failed = StepDialogue.play(
                .extended(check),
                """
                ASK
                S: 220 mx
                C: EHLO client.example
                S: 250-mx
                S: 250 AUTH EXTERNAL

                """ + Self.refused(check))
            #expect(failed.answers.filter { $0.command.isAuthentication }.count <= 1)
        }
    }

    private static func refused(_ check: ConformanceCheck) -> String {
        let auth =
            switch check {
            case .ownName: "AUTH EXTERNAL YWxpY2VAZXhhbXBsZS5vcmc="
            case .foreignName: "AUTH EXTERNAL YWxpY2VAZWxzZXdoZXJlLmV4YW1wbGU="
            case .emptyLine, .equalsSign: "AUTH EXTERNAL"
            case .trailingSpace: "AUTH EXTERNAL "
            case .commonName: "AUTH EXTERNAL YWxpY2U="
            case .inTransaction, .foreignSender: "AUTH EXTERNAL ="
            }
        let mail = check == .inTransaction ? "C: MAIL FROM:<alice@example.org>\nS: 250 ok\n" : ""
        let reset = check == .inTransaction ? "C: RSET\nS: 250 ok\n" : ""
        return mail + "C: \(auth)\nS: 535 5.7.8 no\n" + reset + "C: QUIT\nS: 221 bye\nCLOSE"
    }

    @Test("SUB-226: no word of the probe begins content, and its room reaches none that does")
    func noContent() throws {
        let question = ProbeQuestion.sample()
        for command in ProbeCommand.allCases {
            let verb = command.line(question)?.split(separator: " ").first ?? ""
            #expect(["AUTH", "MAIL", "RCPT", "RSET", "QUIT"].contains(verb))
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        for room in ["PosternProbe", "PosternConnection"] {
            let folder = root.appending(path: "Sources/\(room)")
            let paths = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            var count = 0
            for case let file as URL in paths where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(!text.contains("import PosternClient"), "\(file.lastPathComponent)")
                #expect(!text.contains("import PosternDelivery"), "\(file.lastPathComponent)")
                // The opening's room knows the words for what may fail, and says none of them.
                let words = room == "PosternProbe" ? ["\"DATA", "\"BDAT", "DataEncoder"] : ["DataEncoder", "BDAT"]
                for word in words { #expect(!text.contains(word), "\(file.lastPathComponent)") }
                count += 1
            }
            #expect(count > 8)
        }
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let target = try #require(manifest.components(separatedBy: "name: \"PosternProbe\"").dropFirst().first)
        let dependencies = try #require(target.components(separatedBy: "swiftSettings").first)
        #expect(!dependencies.contains("PosternClient") && !dependencies.contains("PosternDelivery"))
    }

    @Test("the plan of a port fits the budget; where nothing is asked for, nothing is shown")
    func plan() {
        for security in [ProbeTarget.Security.implicit, .starttls] {
            let target = ProbeTarget(host: "mx.example", port: 1, security: security)
            var evidence = PortEvidence(target, .sample(), at: .probed)
            var steps: [ProbeStep] = []
            while let step = ProbePlan.next(evidence) {
                steps.append(step)
                evidence.add(.willing(step))
            }
            #expect(steps.count == (security == .starttls ? 6 : 5))
        }
        var silent = PortEvidence(target, .sample(), at: .probed)
        while let step = ProbePlan.next(silent) {
            var observation = Observation.willing(step)
            observation.isCertificateRequested = false
            silent.add(observation)
        }
        #expect(silent.observations.count == 2)
    }
}

extension Observation {
    /// A server that takes everything.
    fileprivate static func willing(_ step: ProbeStep) -> Observation {
        var observation = Observation(step)
        observation.isConnected = true
        observation.tls = "TLS 1.3"
        observation.isCertificateRequested = true
        observation.clear = .init(Reply(250, lines: ["mx", "STARTTLS"]))
        observation.capabilities = .init(Reply(250, lines: ["mx", "AUTH EXTERNAL"]))
        return observation
    }
}
