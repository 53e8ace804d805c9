import NIOCore
import PosternMail
import PosternSMTP
import Testing

@Suite("The content behind DATA")
struct DataDecoderTests {
    private struct Outcome: Equatable {
        var content: [UInt8] = []
        var fault: DataDecoder.Fault?
        var size = 0
        /// Octets behind the end of data; nil where it has not come.
        var rest: [UInt8]?
    }

    private func decode(
        _ pieces: [ArraySlice<UInt8>], _ bareLineEnds: BareLineEnds = .refuse, lineLimit: Int = 1_000
    ) -> Outcome {
        var decoder = DataDecoder(.dots, bareLineEnds: bareLineEnds, lineLimit: lineLimit)
        var outcome = Outcome()
        for (index, piece) in pieces.enumerated() {
            var buffer = ByteBuffer(bytes: piece)
            let isEnd = decoder.decode(&buffer) { outcome.content += $0.readableBytesView }
            if isEnd {
                outcome.rest = Array(buffer.readableBytesView) + pieces[(index + 1)...].joined()
                break
            }
            if buffer.readableBytes != 0 { Issue.record("octets are left over before the end") }
        }
        (outcome.fault, outcome.size) = (decoder.fault, decoder.size)
        // The octets of a message that is refused need not be whole.
        if outcome.fault != nil { outcome.content = [] }
        return outcome
    }

    private func decode(_ text: String, lineLimit: Int = 1_000) -> Outcome {
        decode([Array(text.utf8)[...]], lineLimit: lineLimit)
    }

    @Test(
        "SUB-006: the dot that was added is removed, and no other",
        arguments: [
            (".\r\n", ""), ("a\r\n.\r\n", "a\r\n"), ("..\r\n.\r\n", ".\r\n"), ("...\r\n.\r\n", "..\r\n"),
            (".a\r\n.\r\n", "a\r\n"), ("a.\r\n.\r\n", "a.\r\n"), ("a\r\n..b\r\n\r\n.\r\n", "a\r\n.b\r\n\r\n"),
            ("\r\n.\r\n", "\r\n"), (". \r\n.\r\n", " \r\n"), ("a\r\n.. .\r\n.\r\n", "a\r\n. .\r\n"),
        ])
    func dots(_ sent: String, _ content: String) {
        let outcome = decode(sent + "QUIT\r\n")
        #expect(outcome.content == Array(content.utf8))
        #expect(outcome.size == content.utf8.count)
        #expect(outcome.fault == nil)
        #expect(outcome.rest == Array("QUIT\r\n".utf8))
    }

    @Test(
        "SUB-004, SUB-005: no false end ends the data; the fault is named, and reading goes on to the real end",
        arguments: [
            ("a\n.\nb", DataDecoder.Fault.bareLineFeed(line: 1)), ("a\n.\rb", .bareLineFeed(line: 1)),
            ("a\r.\nb", .bareCarriageReturn(line: 1)), ("a\r.\rb", .bareCarriageReturn(line: 1)),
            ("a\n.\r\nb", .bareLineFeed(line: 1)), ("a\r.\r\nb", .bareCarriageReturn(line: 1)),
            ("a\r\n.\nb", .bareLineFeed(line: 2)), ("a\r\n.\rb", .bareCarriageReturn(line: 2)),
            ("a\r\n.\r\r\nb", .bareCarriageReturn(line: 2)), ("\nb", .bareLineFeed(line: 1)),
            ("\rb", .bareCarriageReturn(line: 1)), ("a\r\r\nb", .bareCarriageReturn(line: 1)),
            ("a\r\nb\r\nc\nd\re", .bareLineFeed(line: 3)), ("\r\r\nb", .bareCarriageReturn(line: 1)),
        ])
    func falseEnds(_ sent: String, _ fault: DataDecoder.Fault) {
        let outcome = decode(sent + "\r\n.\r\nMAIL")
        #expect(outcome.fault == fault)
        #expect(outcome.rest == Array("MAIL".utf8))
    }

    @Test("SUB-004: a NUL before the dot is content like any other")
    func nul() {
        let outcome = decode("a\r\n\0.\r\n.\r\n")
        #expect(outcome.content == Array("a\r\n\0.\r\n".utf8))
        #expect(outcome.fault == nil)
    }

    @Test("The end of data does not come before its last octet")
    func incomplete() {
        for text in ["", "a", "a\r\n", "a\r\n.", "a\r\n.\r", "."] { #expect(decode(text).rest == nil) }
    }

    @Test("SUB-010, SUB-011: a line of the limit passes, one octet more is a fault; the dot that goes is not counted")
    func lineLimit() {
        #expect(decode("123456\r\n.\r\n", lineLimit: 8).fault == nil)
        #expect(decode(".123456\r\n.\r\n", lineLimit: 8).fault == nil)
        #expect(decode("a\r\n1234567\r\n.\r\n", lineLimit: 8).fault == .lineTooLong(line: 2))
        #expect(decode("a\r\n1234567890", lineLimit: 8).fault == .lineTooLong(line: 2))
        #expect(decode("123456789\n\r\n.\r\n", lineLimit: 8).fault == .lineTooLong(line: 1))
    }

    @Test("SUB-160: content, fault, size and end are the same whatever the pieces in which the octets come")
    func segmentation() {
        var generator = SeededGenerator(2)
        for _ in 0..<4_000 {
            let count = Int.random(in: 0...60, using: &generator)
            let parts: [[UInt8]] = [
                [0x0D, 0x0A], [0x0D, 0x0A], [0x2E], [0x2E], [0x61], [0x62, 0x63], [0x00], [0x0D], [0x0A],
            ]
            var octets: [UInt8] = []
            for _ in 0..<count { octets += parts.randomElement(using: &generator) ?? [] }
            let text = octets + [0x0D, 0x0A, 0x2E, 0x0D, 0x0A] + Array("NOOP".utf8)
            let whole = decode([text[...]], lineLimit: 12)
            #expect(whole.rest != nil)
            for longest in [1, 3, 20] {
                #expect(decode(text.pieces(upTo: longest, using: &generator), lineLimit: 12) == whole)
            }
        }
    }

    @Test("SUB-006, SUB-165: any content with its dots added comes out as it was")
    func roundTrip() {
        var generator = SeededGenerator(3)
        for _ in 0..<1_000 {
            let lines = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                (0..<Int.random(in: 0...6, using: &generator)).map { _ -> UInt8 in
                    let octet = UInt8.random(in: .min ... .max, using: &generator)
                    return octet == 0x0D || octet == 0x0A ? 0x2E : octet
                }
            }
            var content: [UInt8] = []
            var sent: [UInt8] = []
            for line in lines {
                content += line + [0x0D, 0x0A]
                if line.first == 0x2E { sent.append(0x2E) }
                sent += line + [0x0D, 0x0A]
            }
            sent += [0x2E, 0x0D, 0x0A]
            let outcome = decode(sent.pieces(upTo: 5, using: &generator))
            #expect(outcome.content == content)
            #expect(outcome.size == content.count)
            #expect(outcome.fault == nil)
        }
    }

    private func decodeChunks(
        _ pieces: [ArraySlice<UInt8>], _ bareLineEnds: BareLineEnds = .refuse, lineLimit: Int = 1_000
    ) -> Outcome {
        var decoder = DataDecoder(.chunks, bareLineEnds: bareLineEnds, lineLimit: lineLimit)
        var outcome = Outcome()
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            if decoder.decode(&buffer, emit: { outcome.content += $0.readableBytesView }) {
                Issue.record("chunks have no end of data")
            }
            if buffer.readableBytes != 0 { Issue.record("octets are left over") }
        }
        decoder.finish { outcome.content += $0.readableBytesView }
        (outcome.fault, outcome.size) = (decoder.fault, decoder.size)
        if outcome.fault != nil { outcome.content = [] }
        return outcome
    }

    @Test(
        "RFC 3030 §2: no dot is removed from chunks, none ends them, and a last line without its end gets one",
        arguments: [
            ("", ""), (".", ".\r\n"), (".\r\n", ".\r\n"), ("a\r\n.\r\nb\r\n", "a\r\n.\r\nb\r\n"),
            ("..a\r\n", "..a\r\n"),
            ("a", "a\r\n"), ("a\r\nb", "a\r\nb\r\n"), ("\r\n", "\r\n"), ("a\r\n\0.\r\n", "a\r\n\0.\r\n"),
        ])
    func chunks(_ sent: String, _ content: String) {
        let outcome = decodeChunks([Array(sent.utf8)[...]])
        #expect(outcome.content == Array(content.utf8))
        #expect(outcome.size == sent.utf8.count)
        #expect(outcome.fault == nil)
    }

    @Test(
        "SUB-005: a lone CR or LF is a fault of chunks as of DATA, at their end too",
        arguments: [
            ("a\n.\n", DataDecoder.Fault.bareLineFeed(line: 1)), ("a\r\nb\rc", .bareCarriageReturn(line: 2)),
            ("a\r", .bareCarriageReturn(line: 1)), ("\r\n\r", .bareCarriageReturn(line: 2)),
            ("\n", .bareLineFeed(line: 1)), ("a\r\r\n", .bareCarriageReturn(line: 1)),
        ])
    func chunkFaults(_ sent: String, _ fault: DataDecoder.Fault) {
        #expect(decodeChunks([Array(sent.utf8)[...]]).fault == fault)
    }

    @Test("SUB-166, SUB-160: chunks and segments may be cut anywhere, inside of a CRLF too")
    func chunkSegmentation() {
        var generator = SeededGenerator(4)
        for _ in 0..<2_000 {
            let parts: [[UInt8]] = [
                [0x0D, 0x0A], [0x0D, 0x0A], [0x2E], [0x61], [0x62, 0x63], [0x00], [0x0D], [0x0A],
            ]
            var octets: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                octets += parts.randomElement(using: &generator) ?? []
            }
            let whole = decodeChunks([octets[...]], lineLimit: 12)
            for longest in [1, 3, 20] {
                #expect(decodeChunks(octets.pieces(upTo: longest, using: &generator), lineLimit: 12) == whole)
            }
        }
    }

    @Test(
        "SUB-005: normalised, a lone CR or LF is CRLF in the content, and the data end where they ended without it",
        arguments: [
            ("a\nb\r\n", "a\r\nb\r\n"), ("a\rb\r\n", "a\r\nb\r\n"), ("a\n\nb\r\n", "a\r\n\r\nb\r\n"),
            ("a\r\r\n", "a\r\n\r\n"),
            ("\n", "\r\n"), ("\r", "\r\n"), ("a\n.\n", "a\r\n.\r\n"), ("a\n.\r\n", "a\r\n.\r\n"),
            ("a\r.\r\n", "a\r\n.\r\n"),
        ])
    func normalized(_ sent: String, _ content: String) {
        for pieces in [[Array(sent.utf8)[...]], sent.utf8.map { [$0][...] }] {
            let chunks = decodeChunks(pieces, .normalize)
            #expect(chunks.content == Array(content.utf8))
            #expect(chunks.fault == nil)
            #expect(chunks.size == content.utf8.count)
            // Behind DATA a CRLF of its own stands before the end.
            let data = decode(pieces + [Array("x\r\n.\r\nMAIL".utf8)[...]], .normalize)
            #expect(data.content == Array((content + "x\r\n").utf8))
            #expect(data.rest == Array("MAIL".utf8))
            #expect(data.fault == nil)
        }
    }

    @Test(
        "SUB-004, SUB-160: normalising never moves the end of data, holds no lone CR or LF, and is the same in all pieces"
    )
    func normalizedSegmentation() {
        var generator = SeededGenerator(5)
        let parts: [[UInt8]] = [
            [0x0D, 0x0A], [0x0D, 0x0A], [0x2E], [0x2E], [0x61], [0x62, 0x63], [0x00], [0x0D], [0x0A],
        ]
        for _ in 0..<4_000 {
            var octets: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                octets += parts.randomElement(using: &generator) ?? []
            }
            let text = octets + [0x0D, 0x0A, 0x2E, 0x0D, 0x0A] + Array("NOOP".utf8)
            let whole = decode([text[...]], .normalize)
            #expect(whole.rest == decode([text[...]]).rest)
            #expect(whole.size == whole.content.count)
            let lines = whole.content.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            #expect(lines.allSatisfy { $0.last == 0x0D && !$0.dropLast().contains(0x0D) })
            for longest in [1, 3, 20] {
                #expect(decode(text.pieces(upTo: longest, using: &generator), .normalize) == whole)
            }
        }
    }
}
