import Testing

@testable import PosternSASL

/// What a step says, in a form that tests compare.
enum Outcome: Equatable, CustomStringConvertible {
    case challenge([UInt8])
    case channel(String?)
    case password(authorization: String?, authentication: String, password: String)
    case failed(ExchangeFailure)

    init(_ step: ServerExchange.Step) {
        self =
            switch step {
            case .challenge(let octets): .challenge(octets)
            case .complete(.channel(let identity)): .channel(identity)
            case .complete(.password(let credentials)):
                .password(
                    authorization: credentials.authorizationIdentity,
                    authentication: credentials.authenticationIdentity,
                    password: String(decoding: credentials.password.octets, as: UTF8.self)
                )
            case .failed(let failure): .failed(failure)
            }
    }

    var description: String {
        switch self {
        case .challenge(let octets): "challenge \(octets)"
        case .channel(let identity): "channel \(identity ?? "-")"
        case .password(let authorization, let authentication, let password):
            "password \(authorization ?? "-") \(authentication) \(password)"
        case .failed(let failure): "failed: \(failure)"
        }
    }
}

func outcome(_ mechanism: Mechanism, _ initialResponse: String?) -> Outcome {
    var exchange = ServerExchange(mechanism)
    return Outcome(exchange.start(initialResponse: initialResponse.map { Array($0.utf8) }))
}

@Suite("The server's side of an exchange")
struct ExchangeTests {
    @Test(
        "SUB-063: without an initial response the challenge is empty, and the response that follows counts",
        arguments: Mechanism.allCases)
    func challenge(mechanism: Mechanism) {
        var exchange = ServerExchange(mechanism)
        #expect(Outcome(exchange.start(initialResponse: nil)) == .challenge([]))
        let message = mechanism == .plain ? "\0tim\0tanstaaftanstaaf" : "tim"
        #expect(Outcome(exchange.respond(Array(message.utf8))) == outcome(mechanism, message))
    }

    @Test("SUB-064: an initial response of no octets is a response, not a missing one")
    func emptyInitialResponse() {
        #expect(outcome(.external, "") == .channel(nil))
        #expect(outcome(.plain, "") == .failed(.wrongNumberOfNULs(0)))
        #expect(outcome(.external, nil) == .challenge([]))
    }

    @Test("a response after the end fails, whatever it is", arguments: Mechanism.allCases)
    func afterTheEnd(mechanism: Mechanism) {
        var exchange = ServerExchange(mechanism)
        _ = exchange.start(initialResponse: Array("\0tim\0secret".utf8))
        #expect(Outcome(exchange.respond([])) == .failed(.hasEnded))
        #expect(Outcome(exchange.start(initialResponse: Array("\0tim\0secret".utf8))) == .failed(.hasEnded))
    }

    @Test("EXTERNAL comes first in the list, and names are found in any case")
    func mechanisms() {
        #expect(Mechanism.allCases.map(\.description) == ["EXTERNAL", "PLAIN"])
        #expect(Mechanism(name: "plain") == .plain)
        #expect(Mechanism(name: "External") == .external)
        #expect(Mechanism(name: "PLAIN ") == nil)
        #expect(Mechanism(name: "PLAI") == nil)
        #expect(Mechanism(name: "XOAUTH2") == nil)
        // `l` with bit 5 flipped back and forth must not make other characters equal: `[` and `{` differ by it alone.
        #expect(Mechanism(name: "P\u{4C}AIN") == .plain)
        #expect(Mechanism(name: "") == nil)
    }

    @Test(
        "RFC 4422 A.2: the examples of EXTERNAL",
        arguments: [("fred@example.com", "fred@example.com"), ("", nil)] as [(String, String?)])
    func externalExamples(message: String, identity: String?) {
        #expect(outcome(.external, message) == .channel(identity))
        var exchange = ServerExchange(.external)
        _ = exchange.start(initialResponse: nil)
        #expect(Outcome(exchange.respond(Array(message.utf8))) == .channel(identity))
    }

    @Test(
        "RFC 4616 §4: the examples of PLAIN",
        arguments: [
            (
                "\0tim\0tanstaaftanstaaf",
                Outcome.password(authorization: nil, authentication: "tim", password: "tanstaaftanstaaf")
            ),
            (
                "Ursel\0Kurt\0xipj3plmq",
                .password(authorization: "Ursel", authentication: "Kurt", password: "xipj3plmq")
            ),
        ])
    func plainExamples(message: String, expected: Outcome) {
        #expect(outcome(.plain, message) == expected)
    }

    @Test("SUB-074: texts of 255 octets and of 3,000 each are taken")
    func longTexts() {
        for length in [255, 3_000] {
            let texts = ["a", "b", "c"].map { String(repeating: $0, count: length) }
            #expect(
                outcome(.plain, texts.joined(separator: "\0"))
                    == .password(authorization: texts[0], authentication: texts[1], password: texts[2]))
        }
    }

    static let malformed: [(Mechanism, [UInt8], ExchangeFailure)] = [
        (.plain, Array("tim".utf8), .wrongNumberOfNULs(0)),
        (.plain, Array("tim\0secret".utf8), .wrongNumberOfNULs(1)),
        (.plain, Array("\0tim\0secret\0".utf8), .wrongNumberOfNULs(3)),
        (.plain, Array("a\0tim\0sec\0ret".utf8), .wrongNumberOfNULs(3)),
        (.plain, Array("\0\0secret".utf8), .authenticationIdentity(.isEmpty)),
        (.plain, Array("\0tim\0".utf8), .password(.isEmpty)),
        (.plain, [0xFF, 0, 0x74, 0, 0x73], .authorizationIdentity(.isNotUTF8)),
        (.plain, [0, 0xC0, 0xAF, 0, 0x73], .authenticationIdentity(.isNotUTF8)),
        (.plain, [0, 0x74, 0, 0xED, 0xA0, 0x80], .password(.isNotUTF8)),
        (.plain, Array("\0ti\r\nm\0secret".utf8), .authenticationIdentity(.hasProhibitedCharacter)),
        (.plain, Array("\0tim\0\u{AD}".utf8), .password(.isEmpty)),
        (.external, Array("tim\0".utf8), .authorizationIdentity(.hasProhibitedCharacter)),
        (.external, [0], .authorizationIdentity(.hasProhibitedCharacter)),
        (.external, [0x74, 0xFE], .authorizationIdentity(.isNotUTF8)),
        (.external, Array("\u{200D}".utf8), .authorizationIdentity(.isEmpty)),
        (.external, Array("tim\u{7F}".utf8), .authorizationIdentity(.hasProhibitedCharacter)),
    ]

    @Test("SUB-073, SUB-074, SUB-091: malformed messages fail, each for its own reason", arguments: malformed)
    func malformedMessages(mechanism: Mechanism, message: [UInt8], expected: ExchangeFailure) {
        var exchange = ServerExchange(mechanism)
        #expect(Outcome(exchange.start(initialResponse: message)) == .failed(expected))
        var prompted = ServerExchange(mechanism)
        _ = prompted.start(initialResponse: nil)
        #expect(Outcome(prompted.respond(message)) == .failed(expected))
    }

    /// The forms in which clients in the field send EXTERNAL; `nil` is a missing response, `""` an empty one. SMTP
    /// decodes `=`, BASE64 and the trailing space before they come here.
    @Test(
        "SUB-064: each wire form of EXTERNAL ends with what the client meant",
        arguments: [
            ([""], nil),  // `AUTH EXTERNAL =`, and `AUTH EXTERNAL ` with nothing behind the space
            (["alice"], "alice"),  // `AUTH EXTERNAL YWxpY2U=`
            ([nil, ""], nil),  // an empty line after 334, and old curl's `=` there
            ([nil, "alice"], "alice"),
            ([nil, "Alice Example"], "Alice Example"),  // libESMTP: the certificate's common name
        ] as [([String?], String?)])
    func wireForms(messages: [String?], identity: String?) throws {
        var exchange = ServerExchange(.external)
        var last = exchange.start(initialResponse: try #require(messages.first).map { Array($0.utf8) })
        for message in messages.dropFirst() { last = exchange.respond(Array(try #require(message).utf8)) }
        #expect(Outcome(last) == .channel(identity))
    }

    @Test("what the client's half writes is what the server's half reads")
    func clientHalves() throws {
        let password = try Secret(preparing: "x y".utf8)
        let plain = try Plain.message(authorizationIdentity: "u", authenticationIdentity: "a", password: password)
        #expect(plain == Array("u\0a\0x y".utf8))
        #expect(try Plain.message(authenticationIdentity: "a", password: password) == Array("\0a\0x y".utf8))
        #expect(try External.message() == [])
        #expect(try External.message(authorizationIdentity: "alice") == Array("alice".utf8))
        #expect(throws: ExchangeFailure.authenticationIdentity(.hasProhibitedCharacter)) {
            try Plain.message(authenticationIdentity: "a\0b", password: password)
        }
        #expect(throws: ExchangeFailure.authorizationIdentity(.isEmpty)) {
            try External.message(authorizationIdentity: "")
        }
    }
}
