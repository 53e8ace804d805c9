import PosternSASL
import Testing

@testable import postern

@Suite("Storing a password")
struct PasswordCommandTests {
    func stored(_ text: String) throws -> StoredPassword {
        var generator = SystemRandomNumberGenerator()
        return try StoredPassword(try PasswordCommand.stored(Array(text.utf8), using: &generator))
    }

    @Test("what is printed checks the password, and one line feed at its end is not part of it")
    func roundTrip() throws {
        let stored = try stored("correct horse\n")
        #expect(stored.matches(try Secret(preparing: "correct horse".utf8)))
        #expect(!stored.matches(try Secret(preparing: "correct horse ".utf8)))
        #expect(!stored.isWeak)
    }

    @Test(
        "an empty password, and one that cannot be typed on every keyboard, is refused with a reason",
        arguments: [("", "empty"), ("\n", "empty"), ("a\n\n", "control"), ("a\r\n", "control"), ("a\0b", "control")])
    func refused(text: String, reason: String) {
        var generator = SystemRandomNumberGenerator()
        #expect {
            try PasswordCommand.stored(Array(text.utf8), using: &generator)
        } throws: { error in
            (error as? PasswordError)?.description.contains(reason) == true
                && (error as? PasswordError)?.status == .dataError
        }
    }

    @Test("octets that are no UTF-8 are refused")
    func notText() {
        var generator = SystemRandomNumberGenerator()
        #expect(throws: PasswordError.self) { try PasswordCommand.stored([0xFF, 0x0A], using: &generator) }
    }
}
