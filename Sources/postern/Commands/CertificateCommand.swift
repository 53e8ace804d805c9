import ArgumentParser

/// `postern certificate`: a small authority for people who have none.
struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Be a small authority: make one, and issue client certificates from it.",
        subcommands: [CertificateAuthorityCommand.self, CertificateIssueCommand.self])
}
