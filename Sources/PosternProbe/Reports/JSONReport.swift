import Foundation
import PosternSMTP

/// The report for programs; docs/probe.schema.json describes it.
public enum JSONReport {
    /// One object, with a line feed at its end.
    public static func octets(_ report: ProbeReport) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Numbers, strings and lists alone: there is nothing that could not be written.
        guard let data = try? encoder.encode(Document(report)) else { return [] }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    private struct Document: Encodable {
        let schema = 1
        let ports: [Port]
        let findings: [JSONFinding]
        let limits: Limits

        init(_ report: ProbeReport) {
            ports = report.ports.map(Port.init)
            findings = report.difference.map { [JSONFinding($0)] } ?? []
            limits = Limits(failedAuthentications: report.failedAuthentications)
        }
    }

    private struct Limits: Encodable {
        let failedAuthentications: Int
        let contentSent = false
    }

    private struct Port: Encodable {
        let host: String
        let port: Int
        let security: String
        let verdict: String
        let confidence: String
        let reason: String
        let exitStatus: Int32
        let connections: Int
        let certificate: Certificate
        let serverCertificate: Server?
        let steps: [Step]
        let findings: [JSONFinding]
        let programs: [Program]

        init(_ report: PortReport) {
            host = report.evidence.target.host
            port = report.evidence.target.port
            security = report.evidence.target.security.rawValue
            verdict = report.verdict.kind.rawValue
            confidence = report.verdict.confidence.rawValue
            reason = report.verdict.reason
            exitStatus = report.verdict.kind.exitStatus
            connections = report.evidence.observations.count
            certificate = Certificate(report.evidence)
            serverCertificate = report.evidence.serverCertificate.map(Server.init)
            steps = report.steps.map(Step.init)
            findings = report.findings.map(JSONFinding.init)
            programs = MailProgram.all.map { Program($0, report.evidence) }
        }
    }

    private struct Certificate: Encodable {
        /// `no`, `optional` or `required`.
        let requested: String
        let authorities: [String]?

        init(_ evidence: PortEvidence) {
            requested =
                evidence.isCertificateRequired ? "required" : evidence.isCertificateRequested ? "optional" : "no"
            authorities = evidence.authorities
        }
    }

    private struct Server: Encodable {
        let subject: String
        let issuer: String
        let names: [String]
        let notBefore: String
        let notAfter: String

        init(_ certificate: ServerCertificate) {
            subject = certificate.subject
            issuer = certificate.issuer
            names = certificate.names
            notBefore = certificate.notBefore.day
            notAfter = certificate.notAfter.day
        }
    }

    private struct Step: Encodable {
        let name: String
        let tls: String?
        let certificateRequested: Bool
        let certificateShown: Bool
        let mechanismsInClear: [String]?
        let mechanisms: [String]?
        let replies: [Answer]
        let end: String
        let transcript: [String]

        init(_ observation: Observation) {
            name = observation.step.name
            tls = observation.tls
            certificateRequested = observation.isCertificateRequested
            certificateShown = observation.isCertificateShown
            mechanismsInClear = observation.clear?.mechanisms
            mechanisms = observation.capabilities?.mechanisms
            replies = observation.answers.map(Answer.init)
            end = observation.end == .quit ? "quit" : observation.endWords
            transcript = observation.transcript.map { "\($0.speaker.rawValue): \($0.text)" }
        }
    }

    private struct Answer: Encodable {
        let command: String
        let code: Int
        let enhanced: String?
        let text: String

        init(_ answer: Observation.Answer) {
            command = answer.command.word
            code = answer.reply.code
            enhanced = answer.reply.enhanced.map { "\(answer.reply.code / 100).\($0.subject).\($0.detail)" }
            text = answer.reply.lines.joined(separator: "\n")
        }
    }

    private struct JSONFinding: Encodable {
        let id: String
        let level: String
        let text: String
        let clause: String?

        init(_ finding: Finding) {
            id = finding.id
            level = finding.level.rawValue
            text = finding.text
            clause = finding.clause
        }
    }

    private struct Program: Encodable {
        let name: String
        let setting: String
        let outlook: String
        let source: String

        init(_ program: MailProgram, _ evidence: PortEvidence) {
            name = program.name
            setting = program.setting
            outlook = program.outlook(evidence).rawValue
            source = program.source
        }
    }
}
