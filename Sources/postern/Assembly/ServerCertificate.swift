import PosternCertificates
import PosternConfiguration
import PosternMail
import PosternServer

/// The server's own certificate and key, checked against each other.
struct ServerCertificate: Sendable {
    let facts: CertificateFacts
    /// What TLS is spoken with.
    let tls: ServerTLS
}

extension Assembler {
    /// Days before its end in which a certificate is a hazard: a person needs some to notice and to renew.
    static let warningDays = 30

    /// - Parameters:
    ///   - path: of the certificate; nil, like the key's, where the configuration lacks it.
    ///   - keyPath: of its key.
    mutating func serverCertificate(_ path: Located<String>?, key keyPath: Located<String>?) -> ServerCertificate? {
        let certificate = path.flatMap { serverCertificateFile($0) }
        let key = keyPath.flatMap { privateKey($0) }
        guard let path, let keyPath, let certificate, let key else { return nil }
        guard key.fingerprint == certificate.facts.keyFingerprint else {
            let sentence = "key: \(shown(keyPath.value)) is not the key of \(certificate.facts.subject)"
            report(
                "\(sentence) in \(shown(path.value)); name the two files that belong together", at: keyPath.location)
            return nil
        }
        do throws(ServerTLS.LoadingError) {
            let tls = try ServerTLS(certificate: certificate.pem, key: key.pem)
            return ServerCertificate(facts: certificate.facts, tls: tls)
        } catch {
            report("tls: \(error)", at: path.location)
            return nil
        }
    }

    private mutating func serverCertificateFile(_ path: Located<String>) -> (pem: [UInt8], facts: CertificateFacts)? {
        guard let (pem, facts) = certificateFile(path) else { return nil }
        checkTime(of: facts, at: path.location)
        return (pem, facts)
    }

    /// A file with a certificate of our own, which others are shown, and its issuers'.
    mutating func certificateFile(_ path: Located<String>) -> (pem: [UInt8], facts: CertificateFacts)? {
        guard let pem = contents(of: path, named: "certificate"), let facts = certificateFacts(pem, at: path)
        else { return nil }
        return (pem, facts)
    }

    private mutating func certificateFacts(_ pem: [UInt8], at path: Located<String>) -> CertificateFacts? {
        let chain: PresentedChain
        do throws(PEMError) {
            chain = try PresentedChain(pem: pem)
        } catch {
            report("certificate: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
        guard let facts = Examination(of: chain, against: .nobody).facts else {
            let sentence = "certificate: the first certificate of \(shown(path.value)) cannot be read"
            report("\(sentence); expected our own, in PEM, and its issuers' behind it", at: path.location)
            return nil
        }
        return facts
    }

    private mutating func checkTime(of facts: CertificateFacts, at location: SourceLocation) {
        let end = CalendarDate(facts.notAfter)
        if facts.notAfter < now {
            report("certificate: it expired on \(end): mail programs refuse this server", at: location, .hazard)
        } else if facts.notAfter < now + .seconds(Self.warningDays * 86_400) {
            report("certificate: it expires on \(end); renew it before", at: location, .hazard)
        } else if now < facts.notBefore {
            let start = CalendarDate(facts.notBefore)
            report("certificate: it is valid from \(start) only; is the clock right?", at: location, .hazard)
        }
    }

    /// The key of a certificate of our own.
    mutating func privateKey(_ path: Located<String>) -> (pem: [UInt8], fingerprint: KeyFingerprint)? {
        guard let pem = contents(of: path, named: "key") else { return nil }
        do throws(IssuingError) {
            return (pem, try SigningKey(pem: pem).fingerprint)
        } catch {
            report("key: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
    }
}
