import Foundation
package import PosternSubmission

/// The tables of what each policy answers, as `Tests/PolicyMatrix/matrix.txt` has them.
package struct PolicyMatrix: Sendable {
    /// A row of a table: a state of the certificate and a course of the client, with an answer for each policy.
    package struct Row: Sendable {
        /// The row's place in the file.
        package let line: Int
        package let state: State
        /// The client's steps, as the file writes them.
        package let course: String
        let answers: [CertificatePolicy: String]
    }

    /// The states of a certificate, with what the row's setting adds.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case beforeTLS = "before TLS"
        case beforeHello = "M, before EHLO"
        case none = "N"
        case unusable = "U"
        case unusableRefused = "U, refuse"
        case unmapped = "T"
        case ambiguous
        case ambiguousWithDisabled = "ambiguous, one disabled"
        case mapped = "M"
        case mappedMustMatch = "M, must-match"
        case disabled = "M, disabled"
        case tlsBelowMinimum = "M, TLS below the minimum"
        case staleList = "M, CRL stale"
    }

    /// One place of a table: everything that a session, or an explanation, is asked with, and what has to come of it.
    package struct Cell: Sendable {
        package let row: Row
        /// Policy, listener and certificate are in it.
        package let scenario: Scenario
        /// An outcome for each step of the course that is not in brackets: the code and the enhanced code of a reply,
        /// the mechanisms that EHLO lists, or the trace's keyword, the account and the sequence of a message.
        package let expected: [String]

        package var policy: CertificatePolicy { scenario.listener.policy }
        package var listener: TLSMode { scenario.listener.tls }
        package var certificate: ClientCertificate { scenario.certificate }
    }

    package let rows: [Row]

    /// The tables of this repository.
    package static let shared = Result { try PolicyMatrix() }

    private static let columns = [CertificatePolicy.explicit, .both, .strict, .implicit, .off]

    private init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../PolicyMatrix/matrix.txt")
        let text = try String(contentsOf: file.standardized, encoding: .utf8)
        rows = try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            number, line in
            guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard fields.count == 2 + Self.columns.count, let state = State(rawValue: fields[0]) else {
                throw TranscriptError.badLine(file: "matrix.txt", String(line))
            }
            let answers = Dictionary(uniqueKeysWithValues: zip(Self.columns, fields.dropFirst(2)))
            return Row(line: number + 1, state: state, course: fields[1], answers: answers)
        }
    }
}

extension PolicyMatrix.Row {
    /// The row's cells: each policy on each listener, with each certificate that has the state.
    package var cells: [PolicyMatrix.Cell] {
        CertificatePolicy.allCases.flatMap { policy -> [PolicyMatrix.Cell] in
            guard let answer = answers[policy], answer != "-" else { return [] }
            let expected = answer.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return listeners.flatMap { listener in
                state.certificates.map { certificate in
                    var scenario = Scenario(policy, listener, certificate)
                    state.adjust(&scenario)
                    return PolicyMatrix.Cell(row: self, scenario: scenario, expected: expected)
                }
            }
        }
    }

    private var listeners: [TLSMode] {
        // Where TLS comes first there is nothing before it.
        state == .beforeTLS ? [.startTLS] : TLSMode.allCases
    }
}

extension PolicyMatrix.State {
    /// The certificates that are in this state.
    package var certificates: [ClientCertificate] {
        switch self {
        case .none: [.none]
        case .unusable, .unusableRefused:
            [
                .expired, .notYetValid, .otherIssuer, .noClientAuth, .weakKey, .revoked, .garbage, .pinnedExpired,
            ]
        case .unmapped: [.nobody, .outsideGrant, .noNames, .wrongCase, .nulInName, .lineEndInName]
        case .ambiguous: [.twoAccounts, .pinAgainstName]
        case .ambiguousWithDisabled: [.withDisabled]
        case .disabled: [.carol]
        case .mapped, .mappedMustMatch: [.alice, .alias]
        case .beforeTLS, .beforeHello, .tlsBelowMinimum, .staleList: [.alice]
        }
    }

    func adjust(_ scenario: inout Scenario) {
        switch self {
        case .unusableRefused: scenario.listener.unusable = .refuse
        case .mappedMustMatch: scenario.listener.certificateMustMatchAccount = true
        case .tlsBelowMinimum:
            scenario.listener.minimumTLSForCertificates = .v13
            scenario.tlsVersion = .v12
        case .staleList: scenario.identities.lists = .stale
        case .beforeTLS, .beforeHello, .none, .unusable, .unmapped, .ambiguous, .ambiguousWithDisabled, .mapped,
            .disabled:
            break
        }
    }

    /// Who the client is: the owner of its certificate, where it has one.
    var person: Person {
        switch self {
        case .disabled: Person(account: "carol", password: "sesame", ownIdentity: "carol@example.org")
        case .unmapped: Person(account: "alice", password: "wonderland", ownIdentity: "nobody@example.org")
        default: Person(account: "alice", password: "wonderland", ownIdentity: "alice@example.org")
        }
    }

    struct Person {
        let account: String
        let password: String
        /// The authorization identity of step b.
        let ownIdentity: String
    }
}
