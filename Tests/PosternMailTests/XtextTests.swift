import Testing

@testable import PosternMail

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
