import Foundation
import PosternClient
import Testing

@testable import message_samples

/// Each sample as it stands in Golden/, octet by octet. `GOLDEN=write swift test --filter Golden` writes them anew, after
/// which the changes want to be read.
@Suite("Message: golden files", .serialized)
struct GoldenMessageTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    private static let isWriting = ProcessInfo.processInfo.environment["GOLDEN"] == "write"

    @Test("Each sample is composed as its file has it, twice, with the length that it announces")
    func golden() async throws {
        for sample in try Sample.all() {
            let composed = try sample.message.composed(at: Sample.postmark)
            let octets = Data(try await composed.content.collected().readableBytesView)
            let file = Self.folder.appending(path: "\(sample.name).eml")
            if Self.isWriting { try octets.write(to: file) }
            #expect(try octets == Data(contentsOf: file), "\(sample.name)")
            #expect(Data(try await composed.content.collected().readableBytesView) == octets, "\(sample.name)")
            if let length = composed.content.length { #expect(length == octets.count, "\(sample.name)") }
            #expect(composed.needsSMTPUTF8 == sample.needsSMTPUTF8, "\(sample.name)")
            #expect((composed.envelope.body == .eightBit) == sample.isEightBit, "\(sample.name)")
        }
    }

    @Test("There is no file without its sample")
    func noOther() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(try Set(files) == Set(Sample.all().map { "\($0.name).eml" }))
    }
}
