import PosternMail

/// What is to be said of the server's own certificate.
extension Finding {
    static let serverRules: [Rule] = [
        rule(
            "SERVER-NAME-DIFFERS", .danger, "RFC 8314 §5.5, RFC 9525 §6",
            "the server's certificate does not hold the name that was asked for: careful programs do not connect"
        ) { evidence, _ in evidence.serverCertificate?.isForHost == false },
        { evidence, _ in
            guard let certificate = evidence.serverCertificate else { return [] }
            return [validity(of: certificate, at: evidence.moment)].compactMap { $0 }
        },
        rule(
            "SERVER-NOT-TRUSTED", .danger, "RFC 8314 §5.5",
            "the server's certificate is of no authority that is trusted here: programs warn, or do not connect"
        ) { evidence, _ in
            guard case .failed(_, let failure)? = evidence.control?.end, failure.isOfServerCertificate else {
                return false
            }
            // Whatever else is wrong with it has a finding of its own.
            guard let certificate = evidence.serverCertificate else { return true }
            return certificate.isForHost && certificate.isValid(at: evidence.moment)
        },
        rule(
            "SERVER-UNVERIFIED", .warning, "RFC 8314 §5.5",
            "who answered was not looked at (--insecure), and your certificate was shown all the same"
        ) { evidence, _ in evidence.question.showsToAnybody && evidence.implicit?.isCertificateShown == true },
    ]

    private static func validity(of certificate: ServerCertificate, at moment: Timestamp) -> Finding? {
        let (level, text): (Level, String)
        if moment < certificate.notBefore {
            (level, text) = (
                .danger, "the server's certificate is good from \(certificate.notBefore.day) on, and not yet"
            )
        } else if certificate.notAfter < moment {
            (level, text) = (.danger, "the server's certificate has ended on \(certificate.notAfter.day)")
        } else if certificate.notAfter < moment + ServerCertificate.warning {
            (level, text) = (.warning, "the server's certificate ends on \(certificate.notAfter.day)")
        } else {
            return nil
        }
        return Finding(id: "SERVER-CERTIFICATE-ENDS", level: level, text: text, clause: "RFC 5280 §4.1.2.5")
    }
}

extension ServerCertificate {
    func isValid(at moment: Timestamp) -> Bool { (notBefore...notAfter).contains(moment) }
}

extension Timestamp {
    /// As in ISO 8601.
    var day: String {
        let date = CalendarDate(self)
        let month = date.month < 10 ? "0\(date.month)" : "\(date.month)"
        return "\(date.year)-\(month)-\(date.day < 10 ? "0" : "")\(date.day)"
    }
}
