import ArgumentParser
import PosternCertificates
import PosternMail
import PosternQueue

/// `postern certificate authority`: a new authority in a folder.
struct CertificateAuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Make an authority: ca.pem, for the configuration's 'authorities', and ca.key, to be kept secret.",
        discussion: "Nothing that exists is written over.")

    @Option(help: "The folder in which it is made; made itself where it is missing.")
    var directory: String

    @Option(help: "Its common name, which people see in their mail programs.")
    var name = "Postern CA"

    func run() throws {
        let folder = AuthorityFolder(path: directory)
        try folder.make(named: name, at: .now)
        Terminal.print("\(folder.certificatePath): the authority's certificate")
        Terminal.print("\(folder.keyPath): its private key; who has it can make certificates for every address")
    }
}
