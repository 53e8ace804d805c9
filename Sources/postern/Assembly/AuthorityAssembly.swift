import PosternCertificates
import PosternConfiguration
import PosternIdentity
import PosternMail

/// Authorities of the file, with the certificates and lists that they name.
extension Assembler {
    /// Octets: about half a million entries.
    private static let largestRevocationList = 32 << 20

    mutating func grants(_ authorities: [PosternConfiguration.Authority]) -> [Grant] {
        var places: [String: SourceLocation] = [:]
        return authorities.compactMap { authority in
            let domains = authority.domains.compactMap { domain($0, named: "domains") }
            guard let file = authorityFile(authority.file) else { return nil }
            let lists = authority.revocations.flatMap { revocationLists($0, of: file) } ?? []
            let assembled = PosternCertificates.Authority(
                file: file, lists: lists, revocation: authority.revocations?.strictness == .soft ? .soft : .hard)
            if let first = places[assembled.id] {
                let sentence = "file: the authority \(assembled.id) is in line \(first.line) already"
                report("\(sentence); list all its domains there", at: authority.file.location)
            }
            places[assembled.id] = places[assembled.id] ?? authority.file.location
            return Grant(authority: assembled, domains: Set(domains))
        }
    }

    private mutating func authorityFile(_ path: Located<String>) -> AuthorityFile? {
        guard let octets = contents(of: path, named: "file") else { return nil }
        do throws(AuthorityFileError) {
            let file = try AuthorityFile(pem: octets)
            for certificate in file.certificates where certificate.notAfter < now {
                let date = CalendarDate(certificate.notAfter)
                let sentence = "file: \(certificate.subject) expired on \(date), so no certificate under it is accepted"
                report("\(sentence); make a new one", at: path.location, .hazard)
            }
            return file
        } catch {
            report("file: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
    }

    private mutating func revocationLists(
        _ revocations: PosternConfiguration.Authority.Revocations, of file: AuthorityFile
    ) -> [RevocationList]? {
        let path = revocations.file
        guard let octets = contents(of: path, named: "crl", limit: Self.largestRevocationList) else {
            return nil
        }
        do throws(RevocationListError) {
            let lists = try file.revocationLists(in: octets)
            for list in lists where list.nextUpdate < now {
                let effect =
                    switch revocations.strictness {
                    case .hard: "until there is a newer one its certificates are answered 454"
                    case .soft: "it is used as it is"
                    }
                let date = CalendarDate(list.nextUpdate)
                let sentence = "crl: the list of \(list.issuer) was good until \(date)"
                report("\(sentence); \(effect)", at: path.location, .hazard)
            }
            return lists
        } catch {
            report("crl: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
    }
}
