import PosternMail
import Testing

@testable import PosternCertificates

@Suite("Fingerprints and PEM")
struct FingerprintTests {
    private let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("A fingerprint is the SHA-256 of its octets and is read back from every usual spelling")
    func spellings() throws {
        let fingerprint = KeyFingerprint(of: "abc".utf8)
        #expect(fingerprint.description == "sha256:" + digits)
        let upper = digits.uppercased()
        let colons = stride(from: 0, to: 64, by: 2).map { upper.dropFirst($0).prefix(2) }.joined(separator: ":")
        for text in ["sha256:" + digits, digits, upper, "SHA256:" + upper, colons, "sha256:" + colons] {
            #expect(KeyFingerprint(text) == fingerprint, "\(text)")
        }
    }

    @Test("What is not a fingerprint is none")
    func notOne() {
        let short = String(digits.dropLast())
        for text in [
            "", "sha256:", short, digits + "0", "sha1:" + digits, short + "g", short + "+", digits + ":", " " + digits,
        ] {
            #expect(KeyFingerprint(text) == nil, "\(text)")
        }
    }

    @Test("PEM is read with text around it, any line length and either line end")
    func pem() throws {
        let text = "Subject: x\n-----BEGIN CERTIFICATE-----\r\nAAEC\r\nAwQ=\r\n-----END CERTIFICATE-----\r\nmore\n"
        let blocks = try PEMBlock.read(Array(text.utf8))
        #expect(blocks.map(\.label) == ["CERTIFICATE"])
        #expect(blocks.map(\.der) == [[0, 1, 2, 3, 4]])
        let long = PEMBlock.write(label: "X", der: [UInt8](repeating: 7, count: 100))
        #expect(long.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        #expect(try PEMBlock.read(Array(long.utf8))[0].der == [UInt8](repeating: 7, count: 100))
    }

    @Test("Each fault of a PEM file has its error, with the line")
    func pemErrors() {
        func error(_ text: String) -> PEMError? {
            do {
                _ = try PEMBlock.read(Array(text.utf8))
                return nil
            } catch {
                return error
            }
        }
        #expect(error("") == .empty)
        #expect(error("x") == .noBlock(looksLikeDER: false))
        #expect(error("0x") == .noBlock(looksLikeDER: true))
        #expect(error("\n-----BEGIN A-----\nAAAA\n") == .unterminated(label: "A", line: 2))
        #expect(error("-----BEGIN A-----\nAAAA\n-----END B-----\n") == .unterminated(label: "A", line: 1))
        #expect(error("-----BEGIN A-----\nA*AA\n-----END A-----\n") == .notBase64(label: "A", line: 1))
        #expect(error("-----BEGIN A-----\n-----END A-----\n") == .notBase64(label: "A", line: 1))
    }
}
