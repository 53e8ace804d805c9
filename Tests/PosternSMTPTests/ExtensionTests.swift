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

    @Test(
        "SUB-037, SUB-042, SUB-160, SUB-162, SUB-165, SUB-177: what EHLO lists in clear and inside TLS, in this order")
    func lines() {
        // SUB-177: RFC 9422 §4: values up to 999999.
        let limits = "LIMITS RCPTMAX=100 MAILMAX=999999"
        let clear = Offer(
            canStartTLS: true, maximumSize: 1_000, maximumRecipients: 100, maximumTransactions: 1_000_000,
            mechanisms: [])
        #expect(
            Extension.lines(for: clear) == [
                "PIPELINING", "SIZE 1000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", limits, "STARTTLS",
            ])
        let secure = Offer(
            canStartTLS: false, maximumSize: 1_000, maximumRecipients: 100, maximumTransactions: 1_000_000,
            mechanisms: ["EXTERNAL", "PLAIN"])
        #expect(
            Extension.lines(for: secure)
                == [
                    "PIPELINING", "SIZE 1000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", limits,
                    "AUTH EXTERNAL PLAIN",
                ])
    }

    @Test("SUB-178: every row has a keyword of its own; ETRN and ATRN are no rows")
    func rows() {
        let keywords = Extension.all.map(\.keyword)
        #expect(
            keywords == [
                "PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", "LIMITS", "STARTTLS",
                "AUTH",
            ])
        let names = Extension.all.flatMap(\.mailParameters.keys)
        #expect(names.sorted() == ["AUTH", "BODY", "ENVID", "RET", "SIZE"])
        #expect(Extension.all.flatMap(\.recipientParameters.keys).sorted() == ["NOTIFY", "ORCPT"])
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

    @Test("RET: FULL and HDRS, once (SUB-172)")
    func returnedContent() throws {
        #expect(try parameters("RET=FULL").returnedContent == .whole)
        #expect(try parameters("ret=hdrs").returnedContent == .header)
        for text in ["RET", "RET=", "RET=BODY", "RET=FULLX", "RET=FULL,HDRS", "RET=HDRS RET=HDRS"] {
            #expect(throws: CommandError.badParameter(keyword: "RET")) { try parameters(text) }
        }
    }

    @Test("ENVID: 1 to 100 characters of xtext that decode to what a line of a header can hold, once (SUB-172)")
    func envelopeID() throws {
        let id = try #require(try parameters("ENVID=QQ314159+20+3D+2B").envelopeID)
        #expect(id.text == "QQ314159 =+")
        #expect(id.xtext == "QQ314159+20+3D+2B")
        let longest = String(repeating: "x", count: 100)
        #expect(try parameters("ENVID=\(longest)").envelopeID?.text == longest)
        for text in [
            "ENVID", "ENVID=", "ENVID=\(longest)x", "ENVID=a=b", "ENVID=+", "ENVID=+3d", "ENVID=+00", "ENVID=+0D+0AX:y",
            "ENVID=+7F", "ENVID=+C3+A4", "ENVID=x ENVID=x",
        ] {
            #expect(throws: CommandError.badParameter(keyword: "ENVID")) { try parameters(text) }
        }
    }

    private func recipientParameters(_ text: String) throws(CommandError) -> RecipientParameters {
        let line = Array("RCPT TO:<a@b.example> \(text)".utf8)
        guard case .rcpt(_, let parameters) = try Command(parsing: line[...]) else { throw .unknownVerb }
        return parameters
    }

    @Test("NOTIFY: NEVER alone, or any of the three, each once (SUB-172)")
    func notify() throws {
        #expect(try recipientParameters("").notify == nil)
        #expect(try recipientParameters("notify=never").notify == .never)
        let pairs = [
            ("SUCCESS", "SUCCESS"), ("Failure", "FAILURE"), ("DELAY,SUCCESS", "SUCCESS,DELAY"),
            ("failure,delay,success", "SUCCESS,FAILURE,DELAY"),
        ]
        for (text, written) in pairs {
            #expect(try recipientParameters("NOTIFY=\(text)").notify?.description == written)
        }
        for text in [
            "NOTIFY", "NOTIFY=", "NOTIFY=,", "NOTIFY=ALWAYS", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,NEVER",
            "NOTIFY=SUCCESS,", "NOTIFY=,DELAY", "NOTIFY=DELAY,DELAY", "NOTIFY=SUCCESS;DELAY",
            "NOTIFY=SUCCESS,FAILURE,DELAY,DELAY", "NOTIFY=NEVER,NEVER", "NOTIFY=NEVER NOTIFY=NEVER",
        ] {
            #expect(throws: CommandError.badParameter(keyword: "NOTIFY")) { try recipientParameters(text) }
        }
    }

    @Test("ORCPT: a type, a semicolon and at most 500 characters of printable xtext, once (SUB-172, C4)")
    func originalRecipient() throws {
        let original = try #require(try recipientParameters("ORCPT=rfc822;Bob+2Bx@example.net").originalRecipient)
        #expect(original.addressType == "rfc822")
        #expect(original.address == "Bob+x@example.net")
        #expect(original.parameter == "rfc822;Bob+2Bx@example.net")
        // RFC 3461 §4.2: the address need not follow the rules of its type.
        let longest = "X400;" + String(repeating: "y", count: 495)
        for text in ["x400;/C+3DUS/", "rfc822;fred", "rfc822;a;b", "utf-8;+5Cx{E4}@b", "rfc822;", longest] {
            #expect(try recipientParameters("ORCPT=\(text)").originalRecipient?.parameter == text)
        }
        for text in [
            "ORCPT", "ORCPT=", "ORCPT=;", "ORCPT=;a@b", "ORCPT=rfc822", "ORCPT=rfc 822;a", "ORCPT=r(c);a@b",
            "ORCPT=rfc822;a=b", "ORCPT=rfc822;a+0D+0AX:y", "ORCPT=rfc822;+00", "ORCPT=rfc822;+E4", "ORCPT=rfc822;+0a",
            "ORCPT=\(longest)y", "ORCPT=rfc822;a ORCPT=rfc822;a",
        ] {
            #expect(throws: CommandError.badParameter(keyword: "ORCPT")) { try recipientParameters(text) }
        }
    }

    @Test("SUB-024: parameters of extensions that are not offered are not recognised")
    func unknown() {
        for text in [
            "SMTPUTF8", "NOTIFY=NEVER", "ORCPT=rfc822;a@b", "REQUIRETLS", "HOLDFOR=5", "BY=5;R", "MT-PRIORITY=3",
            "FOO=BAR",
        ] {
            #expect(throws: CommandError.unknownParameter) { try parameters(text) }
        }
    }
}
