import PosternMail
import Testing

@testable import PosternSMTP

@Suite("Extensions")
struct ExtensionTests {
    private func parameters(_ text: String) throws(CommandError) -> MailParameters {
        let line = Array("MAIL FROM:<> \(text)".utf8)
        guard case .mail(_, let parameters) = try Command(parsing: line[...]) else { throw .unknownVerb }
        return parameters
    }

    @Test("SUB-037, SUB-042, SUB-160, SUB-162, SUB-165, SUB-177: what EHLO lists in clear and inside TLS, in this order")
    func lines() {
        // SUB-177: RFC 9422 §4: values up to 999999.
        let limits = "LIMITS RCPTMAX=100 MAILMAX=999999"
        let clear = Offer(canStartTLS: true, maximumSize: 1_000, maximumRecipients: 100, maximumTransactions: 1_000_000, mechanisms: [])
        #expect(
            Extension.lines(for: clear) == ["PIPELINING", "SIZE 1000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", limits, "STARTTLS"])
        let secure = Offer(canStartTLS: false, maximumSize: 1_000, maximumRecipients: 100, maximumTransactions: 1_000_000, mechanisms: ["EXTERNAL", "PLAIN"])
        #expect(
            Extension.lines(for: secure)
                == ["PIPELINING", "SIZE 1000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", limits, "AUTH EXTERNAL PLAIN"])
    }

    @Test("SUB-178: every row has a keyword of its own; ETRN and ATRN are no rows")
    func rows() {
        let keywords = Extension.all.map(\.keyword)
        #expect(keywords == ["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "LIMITS", "STARTTLS", "AUTH"])
        let names = Extension.all.flatMap(\.mailParameters.keys)
        #expect(Set(names) == ["SIZE", "BODY", "AUTH"])
        #expect(names.count == Set(names).count)
    }

    @Test("SIZE: up to 20 digits; what does not fit is as large as can be told (SUB-163)")
    func size() throws {
        #expect(try parameters("SIZE=0").size == 0)
        #expect(try parameters("SIZE=00000000000000000001").size == 1)
        #expect(try parameters("SIZE=18446744073709551615").size == .max)
        #expect(try parameters("SIZE=99999999999999999999").size == .max)
        for text in ["SIZE", "SIZE=", "SIZE=-1", "SIZE=1x", "SIZE=1.5", "SIZE=100000000000000000000", "SIZE=1 SIZE=1"] {
            #expect(throws: CommandError.badParameter(keyword: "SIZE")) { try parameters(text) }
        }
    }

    @Test("BODY: 7BIT and 8BITMIME (SUB-165, SUB-168)")
    func body() throws {
        #expect(try parameters("BODY=7BIT").body == .sevenBit)
        #expect(try parameters("body=8bitmime").body == .eightBit)
        #expect(try parameters("").body == nil)
        for text in ["BODY", "BODY=", "BODY=BINARYMIME", "BODY=8BIT", "BODY=7BIT BODY=7BIT"] {
            #expect(throws: CommandError.badParameter(keyword: "BODY")) { try parameters(text) }
        }
    }

    @Test(
        "AUTH=: `<>` or a mailbox in xtext, of which nothing is kept (SUB-081)",
        arguments: ["<>", "e+3Dmc2@example.com"])
    func submitter(_ text: String) throws {
        #expect(try parameters("AUTH=\(text)") == MailParameters())
    }

    @Test("AUTH=: what is neither is refused (SUB-081)")
    func noSubmitter() {
        for text in ["AUTH", "AUTH=", "AUTH=x", "AUTH=a@b+", "AUTH=a+0D+0A@b", "AUTH=a=b@c", "AUTH=<a@b>"] {
            #expect(throws: CommandError.badParameter(keyword: "AUTH")) { try parameters(text) }
        }
    }

    @Test("SUB-024: parameters of extensions that are not offered are not recognised")
    func unknown() {
        for text in [
            "SMTPUTF8", "RET=FULL", "ENVID=x", "REQUIRETLS", "HOLDFOR=5", "BY=5;R", "MT-PRIORITY=3", "FOO=BAR",
        ] {
            #expect(throws: CommandError.unknownParameter) { try parameters(text) }
        }
    }
}

@Suite("Xtext")
struct XtextTests {
    @Test("RFC 3461 §4: `+` and two upper-case digits stand for any octet, the rest for itself")
    func known() {
        #expect(Xtext.decode("e+3Dmc2@example.com".utf8) == Array("e=mc2@example.com".utf8))
        #expect(Xtext.decode("a+2Bb+20c+00+7F+FF".utf8) == Array("a+b c\0\u{7F}".utf8) + [0xFF])
        #expect(Xtext.decode("".utf8) == [])
    }

    @Test("What is no xtext is none", arguments: ["=", "a=b", "+", "+3", "+3d", "+G0", "a b", "ä", "a\r\nb", "+ 1"])
    func refused(_ text: String) {
        #expect(Xtext.decode(text.utf8) == nil)
    }
}
