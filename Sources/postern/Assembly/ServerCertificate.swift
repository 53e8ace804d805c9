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

    mutating func serverCertificate(_ tls: TLSFiles) -> ServerCertificate? {
        let certificatePEM = contents(of: tls.certificate, named: "certificate")
        let keyPEM = contents(of: tls.key, named: "key")
        let facts = certificatePEM.flatMap { serverCertificateFacts($0, at: tls.certificate) }
        let key = keyPEM.flatMap { serverKey($0, at: tls.key) }
        guard let certificatePEM, let keyPEM, let facts, let key else { return nil }
        guard key == facts.keyFingerprint else {
            let sentence = "key: \(shown(tls.key.value)) is not the key of \(facts.subject)"
            report(
                "\(sentence) in \(shown(tls.certificate.value)); name the two files that belong together",
                at: tls.key.location)
            return nil
        }
        do throws(ServerTLS.LoadingError) {
            return ServerCertificate(facts: facts, tls: try ServerTLS(certificate: certificatePEM, key: keyPEM))
        } catch {
            report("tls: \(error)", at: tls.certificate.location)
            return nil
        }
    }

    private mutating func serverCertificateFacts(_ pem: [UInt8], at path: Located<String>) -> CertificateFacts? {
        let chain: PresentedChain
        do throws(PEMError) {
            chain = try PresentedChain(pem: pem)
        } catch {
            report("certificate: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
        guard let facts = Examination(of: chain, against: .nobody).facts else {
            let sentence = "certificate: the first certificate of \(shown(path.value)) cannot be read"
            report("\(sentence); expected the server's own, in PEM, and its issuers' behind it", at: path.location)
            return nil
        }
        checkTime(of: facts, at: path.location)
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

    private mutating func serverKey(_ pem: [UInt8], at path: Located<String>) -> KeyFingerprint? {
        do throws(IssuingError) {
            return try SigningKey(pem: pem).fingerprint
        } catch {
            report("key: \(shown(path.value)): \(error)", at: path.location)
            return nil
        }
    }
}
