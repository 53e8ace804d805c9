/// A step of the decision tree. Each is a connection of its own, since what a server thinks of one must not color the next.
public enum ProbeStep: Hashable, Sendable {
    /// P0: in clear, where there is STARTTLS.
    case clear
    /// P2 with TLS 1.2 at most, in which a request for a certificate names its authorities in clear.
    case olderTLS
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
        case .clear, .withoutCertificate: .none
        case .olderTLS, .withCertificate, .external, .extended: .own
        case .stranger: .throwAway
        }
    }

    /// How many exchanges of AUTH may fail in it: one, or none where there is no AUTH.
    var possibleFailures: Int { script.contains { $0.isAuthentication } ? 1 : 0 }

    /// What is said once the server has introduced itself.
    var script: [ProbeCommand] {
        switch self {
        case .clear: []
        case .olderTLS, .withoutCertificate, .withCertificate, .stranger: [.mail, .recipient, .reset]
        case .external: [.authenticate(.empty), .mail, .recipient, .reset]
        case .extended(let check): check.script
        }
    }

    /// RFC 2920: whether what is said is sent in one piece.
    var isPipelined: Bool { self == .extended(.pipelined) }

    /// As the reports name it.
    public var name: String {
        switch self {
        case .clear: "before TLS"
        case .olderTLS: "TLS 1.2"
        case .withoutCertificate: "no certificate"
        case .withCertificate: "MAIL without AUTH"
        case .external: "AUTH EXTERNAL"
        case .stranger: "unknown certificate"
        case .extended(let check): check.rawValue
        }
    }
}

/// A line of the conformance list, each with its clause.
public enum ConformanceCheck: String, Hashable, Sendable, CaseIterable {
    case ownName = "own address as authorization identity"
    case foreignName = "another address as authorization identity"
    case emptyLine = "empty response after 334"
    case equalsSign = "'=' after 334"
    case trailingSpace = "AUTH EXTERNAL with a space behind"
    case inTransaction = "AUTH in a transaction"
    case pipelined = "AUTH and MAIL in one piece"

    var script: [ProbeCommand] {
        switch self {
        case .ownName: [.authenticate(.ownName)]
        case .foreignName: [.authenticate(.foreignName)]
        // RFC 4954 §4: a second AUTH.
        case .emptyLine: [.authenticate(.emptyLine), .authenticate(.empty)]
        case .equalsSign: [.authenticate(.equalsSign)]
        case .trailingSpace: [.authenticate(.trailingSpace)]
        case .inTransaction: [.mail, .authenticate(.empty), .reset]
        case .pipelined: [.authenticate(.empty), .mail, .reset]
        }
    }

    public var clause: String {
        switch self {
        case .ownName, .foreignName: "RFC 4422 A.1"
        case .emptyLine, .inTransaction: "RFC 4954 §4"
        case .equalsSign, .trailingSpace: "not in RFC 4954; curl before 8.22, and smtplib and K-9, say it"
        case .pipelined: "RFC 4954 §4, RFC 2920"
        }
    }
}
