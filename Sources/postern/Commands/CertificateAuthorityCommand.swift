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

    /// X.520: a common name has 1 to 64 characters. Certificates show it, and so does every mail program.
    func validate() throws {
        let count = name.unicodeScalars.count
        guard (1...64).contains(count) else {
            throw ValidationError("--name: expected 1 to 64 characters, found \(count)")
        }
        guard name.unicodeScalars.allSatisfy({ $0.properties.generalCategory.isVisible || $0 == " " }) else {
            throw ValidationError("--name: expected visible characters, found '\(SafeText.escape(name))'")
        }
        guard name.first != " ", name.last != " " else {
            throw ValidationError("--name: expected a name without spaces around it, found '\(name)'")
        }
    }

    func run() throws {
        let folder = AuthorityFolder(path: directory)
        try folder.make(named: name, at: .now)
        Terminal.print("\(folder.certificatePath): the authority's certificate")
        Terminal.print("\(folder.keyPath): its private key; who has it can make certificates for every address")
    }
}

extension Unicode.GeneralCategory {
    /// Whether such characters are to be seen as what they are: no controls, no formats, no line ends.
    fileprivate var isVisible: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
