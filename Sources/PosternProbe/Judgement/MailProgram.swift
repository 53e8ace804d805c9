/// A mail program in one of its settings, and what it needs of a server.
public struct MailProgram: Hashable, Sendable {
    public enum Way: Hashable, Sendable {
        /// AUTH EXTERNAL, or nothing.
        case external
        /// MAIL on the certificate, whatever is offered.
        case implicit
        /// AUTH EXTERNAL where it is offered, else MAIL on the certificate.
        case whatIsOffered
        /// AUTH EXTERNAL where it is offered, and MAIL on the certificate also after it has failed.
        case either
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

    init(_ name: String, _ setting: String, _ way: Way, _ source: String) {
        self.name = name
        self.setting = setting
        self.way = way
        self.source = source
    }

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
        case .whatIsOffered: return listed ? external : implicit
        case .either: return external == .works ? .works : implicit
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
