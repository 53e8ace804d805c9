import NIOCore
import PosternMail
import Testing

@testable import PosternClient
@testable import message_samples

@Suite("Message: what goes out")
struct MessageTests {
    private static let postmark = Postmark(date: Timestamp(seconds: 1_795_641_600), random: 7)

    private static func message(_ change: (inout Message) throws -> Void = { _ in }) throws -> Message {
        var message = try Message(
            from: NamedMailbox("alice@example.org"), to: [NamedMailbox("bob@example.net")], text: "hello\n")
        try change(&message)
        return message
    }

    private static func text(_ message: Message) async throws -> String {
        String(buffer: try await message.composed(at: postmark).content.collected())
    }

    // MARK: Envelope

    @Test("RFC 5321 §3.3: the envelope has everybody once, in the order of To, Cc, Bcc, and the sender's mailbox")
    func envelope() throws {
        let composed = try Self.message {
            $0.sender = try NamedMailbox("office@example.org")
            $0.cc = try [NamedMailbox("carol@example.net"), NamedMailbox("bob@EXAMPLE.NET", name: "Bob again")]
            $0.bcc = try [NamedMailbox("secret@example.net"), NamedMailbox("carol@example.net")]
        }.composed(at: Self.postmark)
        #expect(composed.envelope.reversePath.description == "<office@example.org>")
        #expect(
            composed.envelope.recipients.map(\.mailbox.description)
                == ["bob@example.net", "carol@example.net", "secret@example.net"])
        #expect(composed.envelope.body == .sevenBit)
    }

    @Test("RFC 5322 §3.6.3: nobody of Bcc is named in the message")
    func bcc() async throws {
        let text = try await Self.text(
            Self.message { $0.bcc = [try NamedMailbox("secret@example.net", name: "Secret")] })
        #expect(!text.lowercased().contains("secret") && !text.lowercased().contains("bcc"))
    }

    @Test("The reverse-path can be another, or null")
    func reversePath() throws {
        var message = try Self.message { $0.reversePath = .null }
        #expect(try message.composed(at: Self.postmark).envelope.reversePath == .null)
        message.reversePath = Mailbox("bounces+7@example.org").map(ReversePath.mailbox)
        #expect(try message.composed(at: Self.postmark).envelope.reversePath.description == "<bounces+7@example.org>")
    }

    @Test("Without a recipient there is no message to send")
    func nobody() throws {
        let message = try Self.message { $0.to = [] }
        #expect(throws: MessageError.noRecipients) { try message.composed(at: Self.postmark) }
    }

    @Test(
        "RFC 6531 §3.2: SMTPUTF8 is needed for an address beyond ASCII, wherever it stands, and for nothing else",
        arguments: [
            ("from", true), ("to", true), ("bcc", true), ("reply-to", true), ("reverse-path", true), ("name", false),
            ("subject", false), ("text", false),
        ])
    func internationalized(place: String, isNeeded: Bool) async throws {
        let address = try NamedMailbox("jürgen@example.org")
        let composed = try Self.message {
            switch place {
            case "from": $0.from = address
            case "to": $0.to = [address]
            case "bcc": $0.bcc = [address]
            case "reply-to": $0.replyTo = [address]
            case "reverse-path": $0.reversePath = .mailbox(address.mailbox)
            case "name": $0.from = try NamedMailbox("alice@example.org", name: "Jürgen")
            case "subject": $0.subject = "Grüße"
            default: $0.text = "Grüße"
            }
        }.composed(at: Self.postmark)
        #expect(composed.needsSMTPUTF8 == isNeeded)
        #expect(composed.envelope.body == (isNeeded ? .eightBit : .sevenBit))
        let octets = try await composed.content.collected().readableBytesView
        #expect(octets.allSatisfy { $0 < 0x80 } == !["from", "to", "reply-to"].contains(place))
    }

    @Test("Of the system, two postmarks differ, and none is from another time")
    func postmarks() throws {
        let (first, second) = (Postmark.now(), Postmark.now())
        #expect(first.id != second.id)
        #expect(second.date - first.date < .seconds(60))
    }

    // MARK: What cannot be slipped in

    @Test(
        "A line end in any header value is refused (threats.md C3)",
        arguments: ["\r", "\n", "\r\n", "\0", "\u{85}", "\u{2028}"])
    func injection(end: String) throws {
        let value = "x\(end)Bcc: eve@example.net"
        let subject = try Self.message { $0.subject = value }
        #expect(throws: MessageError.self) { try subject.composed(at: Self.postmark) }
        #expect(throws: MessageError.self) { try NamedMailbox("bob@example.net", name: value) }
        #expect(throws: MessageError.self) { try NamedMailbox("bob@example.net\(end)") }
        #expect(throws: MessageError.self) { try NamedMailbox("\(value) <bob@example.net>") }
        #expect(throws: MessageError.self) { try HeaderField("X-Note", text: value) }
        #expect(throws: MessageError.self) { try HeaderField("X-Note", structured: value) }
        #expect(throws: MessageError.self) { try HeaderField(value, text: "x") }
        #expect(throws: MessageError.self) { try HeaderField.oneClickUnsubscribe("https://\(value)") }
        #expect(throws: MessageError.self) { try Attachment(.octets([]), name: value) }
        #expect(throws: MessageError.self) { try ContentID(value) }
        #expect(throws: MessageError.self) { try MediaType("text/\(value)") }
        #expect(throws: MessageError.self) { try MediaType.plainText.with("x", value) }
        #expect(throws: MessageError.self) { try MediaType.plainText.with(value, "x") }
        #expect(MessageID("<\(value)@example.org>") == nil)
    }

    @Test(
        "Whatever the values hold, the header has the fields that it should have, in lines of ASCII that are not too long"
    )
    func randomValues() async throws {
        for sample in try Sample.random(300) {
            let text = try await Self.text(sample.message)
            let header = try #require(text.split(separator: "\r\n\r\n", maxSplits: 1).first)
            let fields = HeaderBlock(Array("\(header)\r\n".utf8)).fields.map(\.name)
            #expect(
                fields.filter { $0 != "subject" } == [
                    "date", "from", "to", "message-id", "x-value", "mime-version", "content-type",
                ])
            #expect(text.utf8.split(separator: .lineFeed).allSatisfy { $0.count <= 999 })
            #expect(text.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test(
        "Fields of the message's own, and those of servers, cannot be added",
        arguments: ["Bcc", "from", "Content-Type", "Received"])
    func reserved(name: String) {
        #expect(throws: MessageError.reservedField(name)) { try HeaderField(name, text: "x") }
    }

    @Test("What is no address, no type, no identifier is an error that says what is expected")
    func errors() throws {
        #expect(throws: MessageError.address("bob")) { try NamedMailbox("bob") }
        #expect(
            "\(MessageError.address("bob"))"
                == "'bob' is no address; expected local-part@domain, or Name <local-part@domain>")
        #expect(throws: MessageError.contentID("logo")) { try ContentID("logo") }
        #expect(throws: MessageError.mediaType("pdf")) { try MediaType("pdf") }
        #expect(throws: MessageError.mediaType("multipart/mixed")) { try MediaType("multipart/mixed") }
        #expect(throws: MessageError.fileName("")) { try Attachment(.octets([]), name: "") }
        let id = try ContentID("a@b")
        let part = try InlinePart(.octets([]), id: id, type: .png)
        let message = try Self.message { $0.html = HTMLText("x", inlineParts: [part, part]) }
        #expect(throws: MessageError.repeatedContentID("a@b")) { try message.composed(at: Self.postmark) }
    }

    @Test("RFC 5322 §2.1.1: an identifier that no line can hold is an error")
    func longIdentifier() throws {
        let id = try #require(MessageID("<\(String(repeating: "x", count: 950))@example.org>"))
        var message = try Self.message { $0.id = id }
        #expect(throws: MessageError.self) { try message.composed(at: Self.postmark) }
        message = try Self.message { $0.answer(id) }
        #expect(throws: MessageError.self) { try message.composed(at: Self.postmark) }
    }

    // MARK: Addresses

    @Test(
        "An address is read with its name",
        arguments: [
            ("ann@example.org", nil, "ann@example.org"), ("Ann Lee <ann@example.org>", "Ann Lee", "ann@example.org"),
            (#""Lee, \"A\"" <ann@example.org>"#, #"Lee, "A""#, "ann@example.org"),
            ("<ann@example.org>", nil, "ann@example.org"),
            ("Jürgen <jürgen@exämple.org>", "Jürgen", "jürgen@exämple.org"),
        ])
    func addresses(text: String, name: String?, address: String) throws {
        let mailbox = try NamedMailbox(text)
        #expect(mailbox.name == name)
        #expect(mailbox.mailbox.description == address)
    }

    // MARK: Contents

    @Test("An attached message of lines that no server takes is refused before anything is sent (RFC 2046 §5.2.1)")
    func attachedMessages() async throws {
        for text in ["a\rb\n", "a\0b\n", String(repeating: "x", count: 999) + "\n"] {
            let message = try Self.message { $0.attachments = [try Attachment(.text(text), name: "a.eml")] }
            #expect(throws: MessageError.self) { try message.composed(at: Self.postmark) }
        }
        let stream = PartContent.stream { AsyncStream<ByteBuffer> { $0.finish() } }
        let message = try Self.message { $0.attachments = [try Attachment(stream, name: nil, type: .message)] }
        #expect(throws: MessageError.self) { try message.composed(at: Self.postmark) }
    }

    @Test("A stream that fails ends the reading, and a new reading begins anew")
    func failingStream() async throws {
        struct Broken: Error {}
        let content = PartContent.stream {
            AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                continuation.yield(ByteBuffer(string: "half"))
                continuation.finish(throwing: Broken())
            }
        }
        let composed = try Self.message { $0.attachments = [try Attachment(content, name: "a")] }.composed(
            at: Self.postmark)
        #expect(composed.content.length == nil)
        for _ in 0..<2 {
            await #expect(throws: Broken.self) { try await composed.content.collected() }
        }
    }

    @Test(
        "A stream is asked for a piece only when the last one was taken, and what comes of it is not larger than it must be"
    )
    func demand() async throws {
        struct Endless: AsyncSequence, AsyncIteratorProtocol {
            func makeAsyncIterator() -> Endless { self }
            mutating func next() async throws -> ByteBuffer? { ByteBuffer(repeating: 7, count: 50_000) }
        }
        let content = PartContent.stream { Endless() }
        let composed = try Self.message { $0.attachments = [try Attachment(content, name: "a")] }.composed(
            at: Self.postmark)
        var pieces = composed.content.makeAsyncIterator()
        for _ in 0..<1_000 {
            let piece = try #require(try await pieces.next())
            #expect(piece.readableBytes < 70_000)
        }
    }

    @Test("A file that is not there, or is a folder, is an error when it is attached")
    func files() async throws {
        for path in ["/nowhere/at/all.pdf", "/etc", "/dev/null"] {
            await #expect(throws: MessageError.self) { try await Attachment(file: path) }
        }
        let attachment = try await Attachment(file: #filePath)
        #expect(attachment.name == "MessageTests.swift")
        #expect(attachment.type == .octets)
    }

    @Test(
        "A type is known by the end of a name",
        arguments: [
            ("a.PDF", MediaType.pdf), ("a.b.png", .png), ("pdf", .octets), (".pdf", .pdf), ("a.", .octets),
            ("", .octets),
        ])
    func types(name: String, type: MediaType) {
        #expect(MediaType(forFileName: name) == type)
    }

    @Test("RFC 2045 §6.8: BASE64 is the same in pieces of any size")
    func pieces() {
        let octets = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 97) }
        for length in 0..<200 {
            var whole = Base64Lines()
            var expected = whole.encode(ByteBuffer(bytes: octets.prefix(length)))
            expected.writeImmutableBuffer(whole.finish())
            #expect(expected.readableBytes == Base64Lines.length(of: length))
            for size in [1, 2, 56, 57, 58] {
                var lines = Base64Lines()
                var encoded = ByteBuffer()
                for start in stride(from: 0, to: length, by: size) {
                    encoded.writeImmutableBuffer(
                        lines.encode(ByteBuffer(bytes: octets[start..<min(start + size, length)])))
                }
                encoded.writeImmutableBuffer(lines.finish())
                #expect(encoded == expected)
            }
        }
    }
}
