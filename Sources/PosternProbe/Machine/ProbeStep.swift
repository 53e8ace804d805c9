/// A step of the decision tree. Each is a connection of its own, since what a server thinks of one must not color the next.
public enum ProbeStep: Hashable, Sendable {
    /// P0: in clear, where there is STARTTLS.
    case clear
    /// P2 with TLS 1.2 at most, in which a request for a certificate names its authorities in clear.
    case olderTLS
    /// With TLS 1.1 at most, where nothing newer came about: only to say so.
    case obsoleteTLS
    /// P1: the control; whatever works here proves nothing for a certificate.
    case withoutCertificate
    /// P2: sequence B, MAIL on the certificate.
    case withCertificate
    /// P3: sequence A, AUTH EXTERNAL and MAIL.
    case external
    /// P4: with a throw-away certificate of nobody.
    case stranger
    /// P5: the conformance list.
    case extended(ConformanceCheck)

    /// What the person's or another certificate is shown for.
    public enum Certificate: Hashable, Sendable {
        case none
        case own
        case throwAway
    }

    public var certificate: Certificate {
        switch self {
        case .clear, .obsoleteTLS, .withoutCertificate: .none
        case .olderTLS, .withCertificate, .external, .extended: .own
        case .stranger: .throwAway
        }
    }

    /// How many exchanges of AUTH may fail in it: one, or none where there is no AUTH.
    var possibleFailures: Int { script.contains { $0.isAuthentication } ? 1 : 0 }

    /// What is said once the server has introduced itself.
    var script: [ProbeCommand] {
        switch self {
        case .clear, .obsoleteTLS: []
        case .olderTLS, .withoutCertificate, .withCertificate, .stranger: [.mail, .recipient, .reset]
        case .external: [.authenticate(.empty), .mail, .recipient, .reset]
        case .extended(let check): check.script
        }
    }

    /// RFC 2920: whether what is said is sent in one piece, where the server takes that.
    var isPipelined: Bool { self == .extended(.ownName) }

    /// As the reports name it.
    public var name: String {
        switch self {
        case .clear: "before TLS"
        case .olderTLS: "TLS 1.2"
        case .obsoleteTLS: "TLS 1.1"
        case .withoutCertificate: "no certificate"
        case .withCertificate: "MAIL without AUTH"
        case .external: "AUTH EXTERNAL"
        case .stranger: "unknown certificate"
        case .extended(let check): check.rawValue
        }
    }
}

/// A part of the conformance list: what can be seen in one connection, in which one AUTH may fail at most.
public enum ConformanceCheck: String, Hashable, Sendable, CaseIterable {
    case ownName = "own address as authorization identity, MAIL in one piece with it"
    case foreignName = "another address as authorization identity"
    case emptyLine = "empty response after 334, AUTH once more, MAIL from another address"
    case equalsSign = "'=' after 334"
    case trailingSpace = "AUTH EXTERNAL with a space behind"
    case inTransaction = "AUTH in a transaction, then with a space behind"
    case commonName = "the certificate's common name as authorization identity"
    case foreignSender = "MAIL from another address"

    var script: [ProbeCommand] {
        switch self {
        case .ownName: [.authenticate(.ownName), .mail, .reset]
        case .foreignName: [.authenticate(.foreignName)]
        case .emptyLine: [.authenticate(.emptyLine), .authenticateAgain, .foreignMail, .recipient, .reset]
        case .equalsSign: [.authenticate(.equalsSign)]
        case .trailingSpace: [.authenticate(.trailingSpace)]
        case .inTransaction: [.mail, .authenticate(.empty), .reset, .authenticate(.trailingSpace)]
        case .commonName: [.authenticate(.commonName)]
        case .foreignSender: [.foreignMail, .recipient, .reset]
        }
    }
}
