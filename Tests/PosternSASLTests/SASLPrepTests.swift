import Testing

@testable import PosternSASL

@Suite("SASLprep")
struct SASLPrepTests {
    @Test(
        "SUB-073: RFC 4013 §3, the examples",
        arguments: [
            ("I\u{AD}X", .success("IX")),
            ("user", .success("user")),
            ("USER", .success("USER")),
            ("\u{AA}", .success("a")),
            ("\u{2168}", .success("IX")),
            ("\u{7}", .failure(.hasProhibitedCharacter)),
            ("\u{627}\u{31}", .failure(.mixesDirections)),
        ] as [(String, Result<String, SASLPrep.Failure>)])
    func examples(text: String, expected: Result<String, SASLPrep.Failure>) {
        #expect(prepared(text) == expected)
    }

    @Test(
        "SUB-073: each table has its effect",
        arguments: [
            ("a\u{A0}b", .success("a b")),
            ("a\u{3000}\u{200B}b", .success("a  b")),
            ("e\u{301}", .success("\u{E9}")),
            ("\u{FF21}", .success("A")),
            ("\u{627}1\u{628}", .success("\u{627}1\u{628}")),
            ("\u{5D0}a\u{5D0}", .failure(.mixesDirections)),
            ("1\u{5D0}", .failure(.mixesDirections)),
            ("a\u{E000}", .failure(.hasProhibitedCharacter)),
            ("a\u{FFFE}", .failure(.hasProhibitedCharacter)),
            ("a\u{10FFFF}", .failure(.hasProhibitedCharacter)),
            ("a\u{FFFD}", .failure(.hasProhibitedCharacter)),
            ("a\u{2FF0}", .failure(.hasProhibitedCharacter)),
            ("a\u{202E}b", .failure(.hasProhibitedCharacter)),
            ("a\u{E0020}", .failure(.hasProhibitedCharacter)),
            ("a\u{85}", .failure(.hasProhibitedCharacter)),
            ("\u{FEFF}\u{200C}", .failure(.isEmpty)),
            ("", .failure(.isEmpty)),
        ] as [(String, Result<String, SASLPrep.Failure>)])
    func tables(text: String, expected: Result<String, SASLPrep.Failure>) {
        #expect(prepared(text) == expected)
    }

    @Test("ASCII is taken as it is but for control characters, and is prepared twice to the same")
    func ascii() throws {
        for value in UInt8(0)..<0x80 {
            let expected: Result<String, SASLPrep.Failure> =
                (0x20...0x7E).contains(value)
                ? .success(String(UnicodeScalar(value))) : .failure(.hasProhibitedCharacter)
            #expect(prepared(String(UnicodeScalar(value))) == expected)
        }
    }

    @Test(
        "overlong, surrogate and cut UTF-8 is none",
        arguments: [[0xC1, 0x81], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0x80]])
    func notUTF8(octets: [UInt8]) {
        #expect(throws: SASLPrep.Failure.isNotUTF8) { try SASLPrep.prepare(octets) }
    }

    private func prepared(_ text: String) -> Result<String, SASLPrep.Failure> {
        do throws(SASLPrep.Failure) {
            // Compared by scalars: String's own equality would hide a missing normalization.
            let result = try SASLPrep.prepare(Array(text.utf8))
            return .success(result)
        } catch {
            return .failure(error)
        }
    }
}
