import Foundation
import PosternSubmission
import PosternSubmissionHarness
import Testing

/// The dialogues under Tests/Transcripts, each under every scenario that it names.
@Suite("Transcripts")
struct TranscriptTests {
    @Test(
        "each dialogue goes as written, whole, octet by octet and cut in two at every place",
        arguments: try Library.all())
    func replay(_ transcript: Transcript) throws {
        let wholes = try transcript.scenarios.map { scenario in
            let whole = try play(transcript, scenario, cuts: [])
            compare(whole, transcript, scenario)
            if transcript.isCut {
                #expect(try play(transcript, scenario, cuts: nil) == whole, "octet by octet: \(scenario.words)")
            }
            return (scenario, whole)
        }
        guard transcript.isCut else { return }
        // The scenarios take turns: each place is tried under one of them.
        for (number, place) in Self.places(transcript.length).enumerated() {
            let (scenario, whole) = wholes[number % wholes.count]
            let cut = try play(transcript, scenario, cuts: [place])
            if cut != whole { Issue.record("cut at \(place): \(scenario.words): \(cut)") }
        }
    }

    private func play(_ transcript: Transcript, _ scenario: Scenario, cuts: [Int]?) throws -> TranscriptReplay.Result {
        var result = try TranscriptReplay.play(transcript, under: scenario, cuts: cuts)
        // A transcript that does not show a message's lines does not care for them.
        for (segment, expected) in transcript.segments.enumerated() {
            for (index, message) in expected.messages.enumerated()
            where message.lines == nil && index < result.messages[segment].count {
                result.messages[segment][index].lines = nil
            }
        }
        return result
    }

    private func compare(_ result: TranscriptReplay.Result, _ transcript: Transcript, _ scenario: Scenario) {
        let expected = transcript.expected
        for (index, replies) in expected.replies.enumerated() where result.replies[index] != replies {
            Issue.record("\(scenario.words), part \(index): expected \(replies), came \(result.replies[index])")
        }
        for (index, messages) in expected.messages.enumerated() where result.messages[index] != messages {
            Issue.record("\(scenario.words), part \(index): expected \(messages), came \(result.messages[index])")
        }
        #expect(result.faults.isEmpty)
    }

    /// Every place; of a dialogue of more than 1,000 octets as many, evenly spread, as keep the work within bounds.
    private static func places(_ length: Int) -> [Int] {
        let count = max(8, 1_000_000 / max(1, length))
        return Array(stride(from: 1, to: length, by: max(1, length / count)))
    }
}

extension Scenario {
    var words: String {
        "\(listener.policy.rawValue), \(listener.tls.rawValue), \(certificate.rawValue)"
    }
}

extension Transcript: CustomTestStringConvertible {
    public var testDescription: String { "\(name): \(heading)" }
}

/// The folder of the transcripts.
enum Library {
    static func all() throws -> [Transcript] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Transcripts").standardized
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".txt") }.sorted().map { name in
            try Transcript(name: name, text: String(contentsOf: folder.appending(path: name), encoding: .utf8))
        }
    }
}
