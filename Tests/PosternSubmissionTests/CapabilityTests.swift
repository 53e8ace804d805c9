import PosternSubmission
import PosternSubmissionHarness
import Testing

@Suite("What EHLO lists")
struct CapabilityTests {
    /// The lines of EHLO's reply behind the first, without their codes.
    private func capabilities(_ shell: inout PureShell) -> [String] {
        shell.receive("EHLO client.example.org\r\n")
        return shell.takeLines().suffix(while: { $0.hasPrefix("250") }).dropFirst().map { String($0.dropFirst(4)) }
    }

    @Test("SUB-179: nothing is listed that gets 500, 502 or 504", arguments: CertificatePolicy.allCases)
    func listedIsDone(_ policy: CertificatePolicy) throws {
        for listener in TLSMode.allCases {
            var shell = try PureShell(Scenario(policy, listener, .alice))
            shell.receive(.connected)
            if listener == .startTLS {
                #expect(capabilities(&shell).contains("STARTTLS"))
                shell.receive("STARTTLS\r\n")
                #expect(shell.takeLines().last?.hasPrefix("220 ") == true)
            }
            try shell.establishTLS()
            _ = shell.takeLines()
            let auth = try #require(capabilities(&shell).first { $0.hasPrefix("AUTH ") })
            for mechanism in auth.split(separator: " ").dropFirst() {
                shell.receive("AUTH \(mechanism)\r\n*\r\n")
                #expect(shell.takeLines() == ["334 ", "501 5.7.0 authentication cancelled (sess000001)"])
            }
        }
    }

    @Test(
        "SUB-037, SUB-042, SUB-057: STARTTLS is listed in clear alone, AUTH inside TLS alone",
        arguments: CertificatePolicy.allCases)
    func channel(_ policy: CertificatePolicy) throws {
        for certificate in ClientCertificate.allCases {
            var shell = try PureShell(Scenario(policy, .startTLS, certificate))
            shell.receive(.connected)
            let clear = capabilities(&shell)
            let limits = "LIMITS RCPTMAX=1000 MAILMAX=100000"
            #expect(
                clear == [
                    "PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", limits,
                    "STARTTLS",
                ])
            shell.receive("STARTTLS\r\n")
            try shell.establishTLS()
            _ = shell.takeLines()
            let secure = capabilities(&shell)
            #expect(secure.dropLast() == clear.dropLast())
            #expect(secure.last?.hasPrefix("AUTH ") == true)
        }
    }
}

extension Array {
    /// The last elements that all satisfy the predicate.
    fileprivate func suffix(while predicate: (Element) -> Bool) -> ArraySlice<Element> {
        guard let last = lastIndex(where: { !predicate($0) }) else { return self[...] }
        return self[(last + 1)...]
    }
}
