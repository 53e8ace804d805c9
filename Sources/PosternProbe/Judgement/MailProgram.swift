import FoundationEssentials
import PosternMail

/// A mail program in one of its settings, and what it needs of a server.
public struct MailProgram: Hashable, Sendable, Decodable {
    public enum Way: String, Hashable, Sendable, CaseIterable, Decodable {
        /// AUTH EXTERNAL, or nothing.
        case external
        /// MAIL on the certificate, whatever is offered.
        case implicit
        /// AUTH EXTERNAL where it is offered, else MAIL on the certificate.
        case offered
        /// AUTH EXTERNAL where it is offered, and MAIL on the certificate also after it has failed.
        case either
        /// The same as `offered`, unless a password could be given as well, for which it asks.
        case lone
    }

    public enum Outlook: String, Hashable, Sendable {
        case works
        case fails
        case unknown
    }

    public let name: String
    public let setting: String
    public let way: Way
    /// How it is known: `run` against servers of each kind, or the place in its source.
    public let source: String

    /// What is known of mail programs, a row for each setting that shows a certificate: Resources/mail-programs.json, which
    /// the compiler puts into the program. A test sees to it that it can be read.
    public static let all: [MailProgram] =
        (try? JSONDecoder().decode([MailProgram].self, from: Data(PackageResources.mail_programs_json))) ?? []

    /// Whether it can send there with this certificate.
    public func outlook(_ evidence: PortEvidence) -> Outlook {
        let listed = evidence.implicit?.listsExternal ?? false
        let external = evidence.external?.authentication == nil ? .fails : Self.outlook(evidence.sequenceA)
        let implicit = Self.outlook(evidence.sequenceB)
        guard evidence.question.hasCertificate, evidence.isCertificateRequested else {
            return evidence.control?.capabilities == nil || evidence.isCertificateRequested ? .unknown : .fails
        }
        switch way {
        case .external: return external
        case .implicit: return implicit
        case .offered: return listed ? external : implicit
        case .either: return external == .works ? .works : implicit
        case .lone:
            guard evidence.implicit?.passwordMechanisms.isEmpty ?? true else { return .fails }
            return listed ? external : implicit
        }
    }

    private static func outlook(_ acceptance: Acceptance) -> Outlook {
        switch acceptance {
        case .accepted: .works
        case .refused, .otherwise: .fails
        case .temporary, .unknown: .unknown
        }
    }
}
