import PosternSASL
import Testing

@Suite("SCRAM-SHA-256, the client's half")
struct SCRAMClientTests {
    private let client: SCRAMClient
    private let pencil: Secret
    private static let serverFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"

    init() throws {
        client = try SCRAMClient(name: "user", nonce: "rOprNGfwEbeRWgbNEkqO")
        pencil = try Secret(preparing: Array("pencil".utf8))
    }

    @Test("RFC 7677 §3: the example, message by message")
    func example() throws {
        #expect(client.firstMessage == Array("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".utf8))
        let proof = try #require(try client.challenge(in: Array(Self.serverFirst.utf8)).proof(of: pencil))
        let final =
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        #expect(String(decoding: proof.message, as: UTF8.self) == final)
        #expect(proof.isConfirmed(by: Array("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".utf8)))
        for other in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "e=invalid-proof", "", ",", "x=y"] {
            #expect(!proof.isConfirmed(by: Array(other.utf8)))
        }
    }

    @Test("another password gives another proof, and expects another confirmation")
    func otherPassword() throws {
        let other = try Secret(preparing: Array("pencils".utf8))
        let challenge = try client.challenge(in: Array(Self.serverFirst.utf8))
        #expect(challenge.proof(of: other) != challenge.proof(of: pencil))
    }

    @Test("RFC 5802 §5.1: commas and equals signs of a name are escaped, and the name is prepared")
    func names() throws {
        let odd = try SCRAMClient(name: "a=b,c\u{AD}", nonce: "x")
        #expect(String(decoding: odd.firstMessage, as: UTF8.self) == "n,,n=a=3Db=2Cc,r=x")
        #expect(throws: ExchangeFailure.authenticationIdentity(.isEmpty)) { try SCRAMClient(name: "", nonce: "x") }
    }

    @Test(
        "what is no challenge to us is refused, by its reason",
        arguments: [
            ("", SCRAMFailure.malformed), (",,", .malformed), ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA", .malformed),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", .malformed), ("r=rOprNGfwEbeRWgbNEkqOx,s=A,i=4096", .malformed),
            ("r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=AAAA", .malformed),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=x", .malformed),
            ("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4096", .unknownExtension),
            ("r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=4096", .foreignNonce), ("r=other,s=AAAA,i=4096", .foreignNonce),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4095", .roundsOutOfRange(4_095)),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=10000001", .roundsOutOfRange(10_000_001)),
        ])
    func wrong(text: String, failure: SCRAMFailure) {
        #expect(throws: failure) { try client.challenge(in: Array(text.utf8)) }
    }
}
