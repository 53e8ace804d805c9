import PosternCertificates
import PosternClient
import PosternConfiguration
import PosternConnection
import PosternMail
import PosternSASL

/// By what a next hop of the file is shown who we are, with the files that it names.
extension Assembler {
    /// What a map says of credentials; nil where something is wrong with it.
    mutating func credentials(
        _ hop: SMTPNextHop
    ) -> (identity: ClientIdentity?, login: ClientCredentials.Login?)? {
        var isWhole = true
        let identity = hop.certificate.flatMap { certificate in
            let identity = clientIdentity(certificate)
            isWhole = isWhole && identity != nil
            return identity
        }
        let login = hop.login.flatMap { login in
            let login = clientLogin(login)
            isWhole = isWhole && login != nil
            return login
        }
        return isWhole ? (identity, login) : nil
    }

    mutating func clientIdentity(_ paths: NextHopCertificate) -> ClientIdentity? {
        let certificate = clientCertificate(paths.certificate)
        let key = privateKey(paths.key)
        guard let certificate, let key else { return nil }
        guard key.fingerprint == certificate.facts.keyFingerprint else {
            let sentence = "key: \(shown(paths.key.value)) is not the key of \(certificate.facts.subject)"
            report(
                "\(sentence) in \(shown(paths.certificate.value)); name the two files that belong together",
                at: paths.key.location)
            return nil
        }
        do {
            return try ClientIdentity(certificate: certificate.pem, key: key.pem)
        } catch {
            report(
                "certificate: TLS cannot use \(shown(paths.certificate.value)): \(error)",
                at: paths.certificate.location)
            return nil
        }
    }

    mutating func clientCertificate(_ path: Located<String>) -> (pem: [UInt8], facts: CertificateFacts)? {
        guard let (pem, facts) = certificateFile(path) else { return nil }
        if facts.notAfter < now {
            let end = CalendarDate(facts.notAfter)
            report("certificate: it expired on \(end): nobody will take it", at: path.location, .hazard)
        } else if facts.notAfter < now + .seconds(Self.warningDays * 86_400) {
            let end = CalendarDate(facts.notAfter)
            report("certificate: it expires on \(end); renew it before", at: path.location, .hazard)
        }
        return (pem, facts)
    }

    private mutating func clientLogin(_ login: NextHopLogin) -> ClientCredentials.Login? {
        guard var octets = contents(of: login.passwordFile, named: "password-file", limit: 4_096) else { return nil }
        if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
        if octets.last == UInt8(ascii: "\r") { octets.removeLast() }
        let password: Secret
        do throws(SASLPrep.Failure) {
            password = try Secret(preparing: octets)
        } catch {
            // Nothing that stands in the file is shown.
            report(
                "password-file: what stands in \(shown(login.passwordFile.value)) \(error)",
                at: login.passwordFile.location)
            return nil
        }
        do throws(ExchangeFailure) {
            return try ClientCredentials.Login(name: login.user.value, password: password)
        } catch {
            report("user: \(error)", at: login.user.location)
            return nil
        }
    }
}
