import Foundation
import NIOCore
import PosternClient
import PosternMail

/// Writes each sample into a folder, as NAME.eml, and beside it NAME.json with what must be found in it.
///
/// A file, a large stream and random ones are among them, which the golden files leave out.
@main
struct MessageSamples {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "--pour", let size = arguments.last.flatMap({ Int($0) }) { return try await pour(size) }
        guard let folder = arguments.first else { fail("usage: message-samples FOLDER, or --pour MEBIBYTES") }
        for sample in try Sample.all() + Sample.random(200) + [try await file(in: folder), try large()] {
            let message = try sample.message.composed(at: Sample.postmark)
            var octets = try await message.content.collected()
            keep(octets.readBytes(length: octets.readableBytes) ?? [], to: "\(folder)/\(sample.name).eml")
            keep(description(of: sample, message), to: "\(folder)/\(sample.name).json")
        }
    }

    private static func file(in folder: String) async throws -> Sample {
        let octets = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = "\(folder)/größe.bin"
        keep(octets, to: path)
        let attachment = try await Attachment(file: path)
        return try Sample("file-of-the-disk", "application/octet-stream", streamed: [octets]) {
            $0.attachments = [attachment]
        }
    }

    private static func large() throws -> Sample {
        let piece = [UInt8](repeating: 65, count: 100_003)
        return try Sample("large", "application/zip", streamed: [Array(repeating: piece, count: 50).flatMap { $0 }]) {
            let content = PartContent.stream(length: 50 * piece.count) {
                AsyncStream { continuation in
                    for _ in 0..<50 { continuation.yield(ByteBuffer(bytes: piece)) }
                    continuation.finish()
                }
            }
            $0.attachments = [try Attachment(content, name: "large.zip")]
        }
    }

    /// Composes a message with an attachment of this size, and lets its pieces go. Prints octets and the peak of memory in KiB.
    private static func pour(_ mebibytes: Int) async throws {
        let piece = ByteBuffer(repeating: 65, count: 64 * 1024)
        let content = PartContent.stream {
            let pieces = Countdown(mebibytes * 16, of: piece)
            return AsyncStream { await pieces.next() }
        }
        let message = try Message(
            from: NamedMailbox("alice@example.org"), to: [NamedMailbox("bob@example.net")],
            attachments: [Attachment(content, name: "large.zip")])
        var octets = 0
        for try await piece in try message.composed().content { octets += piece.readableBytes }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.filter(\.isNumber)
        print(octets, peak ?? "unknown")
    }

    private actor Countdown {
        private var left: Int
        private let piece: ByteBuffer

        init(_ count: Int, of piece: ByteBuffer) {
            left = count
            self.piece = piece
        }

        func next() -> ByteBuffer? {
            left -= 1
            return left >= 0 ? piece : nil
        }
    }

    private static func keep(_ octets: some Collection<UInt8>, to path: String) {
        guard let file = fopen(path, "w") else { fail("\(path) cannot be written") }
        let octets = Array(octets)
        guard fwrite(octets, 1, octets.count, file) == octets.count, fclose(file) == 0 else {
            fail("\(path) cannot be written")
        }
    }

    private static func fail(_ message: String) -> Never {
        _ = (message + "\n").withCString { write(2, $0, strlen($0)) }
        exit(1)
    }
}
