import Testing

@testable import postern

@Suite("The limit of open files")
struct OpenFileLimitTests {
    @Test(
        "as many connections are taken as there is room for beside the rest, and half of a limit that has no room for that",
        arguments: [
            (2_000, 65_536, 2_000), (2_000, 2_264, 2_000), (2_000, 2_263, 1_999), (2_000, 1_024, 760),
            (2_000, 300, 150), (100, 300, 100), (2_000, 1, 1), (1, 64, 1),
        ])
    func connections(wished: Int, limit: Int, taken: Int) {
        #expect(OpenFileLimit.connections(wished, under: limit) == taken)
        #expect((OpenFileLimit.shortage(of: limit, connections: wished) == nil) == (taken == wished))
    }

    @Test("what is said names the wish, what comes of it, the limit, and what to do")
    func words() throws {
        let words = try #require(OpenFileLimit.shortage(of: 1_024, connections: 2_000))
        for word in ["2000", "760", "1024", "2264", "LimitNOFILE=", "limits.connections"] {
            #expect(words.contains(word), "\(word)")
        }
    }
}
