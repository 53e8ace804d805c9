import PosternClient
import PosternMail

extension Sample {
    /// So many messages whose values are made of what is special somewhere, the same each time.
    static func random(_ count: Int) throws -> [Sample] {
        var random = Sequence(state: 42)
        return try (0..<count).map { number in
            let line = random.text(upTo: 120, of: characters)
            let name = random.text(upTo: 90, of: characters.filter { $0 != "/" })
            let text = random.text(upTo: 300, of: characters + ["\n", "\n", ".", "\t", "\r", "F", "r", "o", "m"])
            return try Sample("\(number)", "mixed(text/plain application/pdf)") {
                $0.subject = line
                $0.to = [try NamedMailbox("bob@example.net", name: line)]
                $0.fields = [try HeaderField("X-Value", text: line)]
                $0.text = text
                $0.attachments = [try Attachment(.text(line), name: name.isEmpty ? "x" : name, type: .pdf)]
            }
        }
    }

    private static let characters: [Unicode.Scalar] =
        Array("aaabbb   =?_\"\\(),:;<>@.-'%*&[]{}é漢ש🎉".unicodeScalars) + ["\u{200D}", "\u{FE0F}", "\u{301}"]

    /// A linear congruential generator.
    private struct Sequence {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }

        mutating func text(upTo length: Int, of characters: [Unicode.Scalar]) -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<next(below: length) { text.append(characters[next(below: characters.count)]) }
            return String(text)
        }
    }
}
