import NIOCore
import PosternClient
import PosternMail

extension Sample {
    static func all() throws -> [Sample] {
        try plain() + headers() + texts() + trees() + files()
    }

    private static let picture = Array(0..<200).map { UInt8($0) }

    private static func inline(_ id: String = "logo@example.org", name: String? = nil) throws -> InlinePart {
        try InlinePart(.octets(picture), id: ContentID(id), type: .png, name: name)
    }

    private static func file(_ name: String?, _ text: String = "%PDF-1.7 …") throws -> Attachment {
        try Attachment(.text(text), name: name)
    }

    // MARK: Plain

    private static func plain() throws -> [Sample] {
        [
            try Sample("plain", "text/plain") { $0.text = "Hello Bob,\nall is well.\n" },
            try Sample("empty", "text/plain") { $0.subject = "" },
            try Sample("empty-text", "text/plain") { $0.text = "" },
            try Sample("html-alone", "text/html") { $0.html = "<p>Hello <b>Bob</b></p>\n" },
            try Sample("alternative", "alternative(text/plain text/html)") {
                $0.text = "Hello *Bob*\n"
                $0.html = "<p>Hello <b>Bob</b></p>\n"
            },
            try Sample("date-and-id", "text/plain") {
                $0.date = Timestamp(seconds: 0)
                $0.id = MessageID("<own@example.org>")
                $0.text = "x\n"
            },
        ]
    }

    // MARK: Headers

    private static func headers() throws -> [Sample] {
        try subjects() + names() + fields()
    }

    private static func subjects() throws -> [Sample] {
        let subjects = [
            ("subject-emoji", "Your order 🎉 is on its way"),
            ("subject-families", String(repeating: "👩‍👩‍👧‍👦🏳️‍🌈é", count: 20)),
            ("subject-arabic", "مرحبا بالعالم، هذه رسالة تجريبية طويلة بما يكفي لتمتد على عدة أسطر في الرأس"),
            ("subject-hebrew", "שלום עולם"),
            (
                "subject-umlauts",
                "Rückmeldung über Möglichkeiten für größere Änderungen, die länger als eine Zeile sind"
            ),
            ("subject-long", String(repeating: "many words in one subject ", count: 20) + "end"),
            ("subject-one-word", String(repeating: "x", count: 1_000)),
            ("subject-like-encoded", "what =?utf-8?Q?this?= means"),
            ("subject-blanks", " two  blanks, and one behind "),
            ("subject-punctuation", #"a "quoted" \ subject; with, (all) <kinds> [of] @ : marks? = _ ~"#),
        ]
        return try subjects.map { name, subject in
            try Sample(name, "text/plain") {
                $0.subject = subject
                $0.text = "x\n"
            }
        }
    }

    private static func names() throws -> [Sample] {
        [
            try Sample("names", "text/plain") {
                $0.from = try NamedMailbox("alice@example.org", name: "Alice")
                $0.to = [
                    try NamedMailbox("b@example.net", name: "Lee, Ann"),
                    try NamedMailbox("c@example.net", name: "Jürgen"),
                    try NamedMailbox("d@example.net", name: #"Ann "the \ boss" O'Neil"#),
                    try NamedMailbox("e@example.net", name: "山田 太郎"),
                    try NamedMailbox("f@example.net", name: "J. R. Doe"),
                    try NamedMailbox("g@example.net", name: "=?utf-8?Q?trick?="),
                    try NamedMailbox("h@example.net", name: "eve@example.org via list"),
                ]
                $0.cc = [try NamedMailbox(#""odd name"@example.net"#, name: "  blanks  ")]
                $0.text = "x\n"
            },
            try Sample("names-long", "text/plain") {
                let name = "Donaudampfschifffahrtsgesellschaftskapitänswitwe "
                $0.from = try NamedMailbox("alice@example.org", name: String(repeating: name, count: 4) + "x")
                $0.replyTo = [try NamedMailbox("r@example.net", name: String(repeating: "مرحبا ", count: 30) + "x")]
                $0.to = [try NamedMailbox("b@example.net", name: String(repeating: "long name ", count: 30) + "x")]
                $0.cc = [
                    try NamedMailbox("c@example.net", name: String(repeating: "y", count: 300)),
                    try NamedMailbox("d@example.net", name: String(repeating: "long, quoted ", count: 30) + "x"),
                ]
                $0.text = "x\n"
            },
            try Sample("recipients", "text/plain") {
                $0.to = try (1...60).map { try NamedMailbox("recipient\($0)@example.net") }
                $0.cc = try (1...5).map { try NamedMailbox("recipient\($0)@EXAMPLE.NET", name: "Number \($0)") }
                $0.bcc = [try NamedMailbox("recipient1@example.net"), try NamedMailbox("secret@example.net")]
                $0.text = "x\n"
            },
            try Sample("bcc-alone", "text/plain") {
                $0.to = []
                $0.bcc = [try NamedMailbox("secret@example.net", name: "Nobody")]
                $0.text = "x\n"
            },
            try Sample("sender", "text/plain") {
                $0.from = try NamedMailbox("boss@example.org", name: "Boss")
                $0.sender = try NamedMailbox("alice@example.org", name: "Alice")
                $0.replyTo = [try NamedMailbox("office@example.org")]
                $0.text = "x\n"
            },
            try Sample("internationalized", "text/plain", needsSMTPUTF8: true, isEightBit: true) {
                $0.from = try NamedMailbox("jürgen@exämple.org", name: "Jürgen")
                $0.to = [try NamedMailbox("用户@例子.example"), try NamedMailbox("bob@example.net")]
                $0.text = "Grüße\n"
            },
        ]
    }

    private static func fields() throws -> [Sample] {
        [
            try Sample("fields", "text/plain") {
                $0.fields =
                    try [
                        HeaderField("X-Note", text: "Grüße an alle"),
                        HeaderField("X-Long", text: String(repeating: "z", count: 800)),
                        HeaderField(
                            "X-A-Name-That-Is-Longer-Than-Others",
                            text: "Grüße, die sich über mehr als eine Zeile ziehen werden"),
                        HeaderField(
                            "X-Tags", structured: "a=b; c=\"d e\"; " + String(repeating: "word ", count: 30) + "end"),
                        .autoGenerated,
                    ] + HeaderField.oneClickUnsubscribe("https://example.org/leave?list=1&who=bob%40example.net")
                $0.text = "x\n"
            },
            try Sample("references", "text/plain") {
                let earlier = (1...40).compactMap { MessageID("<\($0).conversation@mail.example.net>") }
                $0.answer(try id("<last@example.net>"), references: earlier)
                $0.text = "x\n"
            },
        ]
    }

    private static func id(_ text: String) throws -> MessageID {
        guard let id = MessageID(text) else { throw MessageError.contentID(text) }
        return id
    }

    // MARK: Texts

    private static func texts() throws -> [Sample] {
        let latin =
            "Fünf größere Übungen = ein schöner Erfolg. Wir grüßen alle herzlich, die dabei waren, und freuen uns."
        let texts = [
            ("text-latin", latin + "\n\n" + latin + "\n"),
            ("text-japanese", String(repeating: "吾輩は猫である。名前はまだ無い。", count: 20) + "\n"),
            ("text-arabic", "مرحبا بالعالم\n"),
            ("text-dots", "Look:\n.\n..\n.hidden\nend\n"),
            ("text-dots-encoded", "Schön:\n.\n..\n.hidden\nend\n"),
            ("text-from", "Dear Bob\nFrom here it goes on\n"),
            ("text-blanks", "trailing blank \ntrailing tab\t\n  leading\n \n\n\nend  \n"),
            ("text-long-line", String(repeating: "one long line of words ", count: 80) + "\n"),
            ("text-long-word", String(repeating: "w", count: 1_000) + "\n"),
            ("text-carriage-return", "a\rb\r\rc\n"),
            ("text-crlf", "one\r\ntwo\nthree\r\n"),
            ("text-controls", "nul \0 bell \u{7} escape \u{1B}[1m delete \u{7F}\n"),
            ("text-boundary", "--=_mixed_1M8000\n--\n--=_\n"),
            ("text-equals", "a=b=3D =?utf-8?Q?x?=\n=\nü\n"),
            ("text-large", (1...5_000).map { "line \($0) with some ü in it\n" }.joined()),
        ]
        return try texts.map { name, text in try Sample(name, "text/plain") { $0.text = text } } + [
            try Sample("text-without-end", "alternative(text/plain text/html)") {
                $0.text = "no line end"
                $0.html = "<p>kein Ende für diese Zeile</p>"
            }
        ]
    }

    // MARK: Trees

    private static func trees() throws -> [Sample] {
        let inner = "From: carol@example.net\nSubject: inner\n\nhello\n"
        let forwarded = """
            From: carol@example.net\r\nSubject: two parts\r\nMIME-Version: 1.0\r
            Content-Type: multipart/mixed; boundary="=_mixed_\(postmark.id)"\r\n\r
            --=_mixed_\(postmark.id)\r\n\r\nhello\r\n--=_mixed_\(postmark.id)--\r\n
            """
        return [
            try Sample("inline", "related(text/html image/png)") {
                $0.html = HTMLText("<img src=\"cid:logo@example.org\">\n", inlineParts: [try inline(name: "logo.png")])
            },
            try Sample(
                "everything", "mixed(related(alternative(text/plain text/html) image/png image/png) application/pdf)"
            ) {
                $0.text = "Grüße\n"
                $0.html = HTMLText(
                    "<p>Grüße</p><img src=\"cid:a@example.org\">\n",
                    inlineParts: [try inline("a@example.org"), try inline("b@example.org", name: "größe.png")])
                $0.attachments = [try file("Rechnung.pdf")]
            },
            try Sample("text-and-file", "mixed(text/plain application/pdf)") {
                $0.text = "see the file\n"
                $0.attachments = [try file("a.pdf")]
            },
            try Sample("file-alone", "application/pdf") { $0.attachments = [try file("a.pdf")] },
            try Sample("files-alone", "mixed(application/pdf text/csv)") {
                $0.attachments = [try file("a.pdf"), try file("b.csv", "a,b\n1,2\n")]
            },
            try Sample("empty-file", "mixed(text/plain application/octet-stream)") {
                $0.text = "an empty file\n"
                $0.attachments = [try Attachment(.octets([]), name: "empty")]
            },
            try Sample("forwarded", "mixed(text/plain message/rfc822)") {
                $0.text = "look\n"
                $0.attachments = [try file("inner.eml", inner)]
            },
            try Sample("forwarded-boundaries", "mixed(text/plain message/rfc822)") {
                $0.text = "look\n"
                $0.attachments = [try file("inner.eml", forwarded)]
            },
            try Sample("forwarded-eight-bit", "mixed(text/plain message/rfc822)", isEightBit: true) {
                $0.text = "look\n"
                $0.attachments = [try file("inner.eml", inner + "Grüße\n")]
            },
            try Sample("calendar", "mixed(text/plain text/calendar)") {
                $0.text = "an invitation\n"
                let type = try MediaType.calendar.with("method", "REQUEST").with("x-place", "Café \"Zürich\"")
                $0.attachments = [
                    try Attachment(.text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), name: "invite.ics", type: type)
                ]
            },
            try Sample(
                "invitation", "mixed(related(alternative(text/plain text/html text/calendar) image/png) text/calendar)"
            ) {
                let source = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Grüße\r\nEND:VCALENDAR\r\n"
                $0.text = "Come on Friday.\n"
                $0.html = HTMLText("<p>Come on <b>Friday</b>.</p>\n", inlineParts: [try inline()])
                $0.invitation = Invitation(.request, source: source)
                $0.attachments = [try Attachment(.text(source), name: "invite.ics")]
            },
            try Sample("invitation-alone", "text/calendar") {
                $0.invitation = Invitation(.cancel, source: "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n")
            },
            try streamed(),
        ]
    }

    /// Pieces of odd lengths, and none of them known before.
    private static func streamed() throws -> Sample {
        let pieces = (0..<40).map { piece in (0..<piece * 37 % 101).map { UInt8(($0 * 7 + piece) % 256) } }
        return try Sample("streamed", "mixed(text/plain application/zip)", streamed: [pieces.flatMap { $0 }]) {
            $0.text = "a stream\n"
            let content = PartContent.stream {
                AsyncStream { continuation in
                    for piece in pieces { continuation.yield(ByteBuffer(bytes: piece)) }
                    continuation.finish()
                }
            }
            $0.attachments = [try Attachment(content, name: "stream.zip")]
        }
    }

    // MARK: Names of files

    private static func files() throws -> [Sample] {
        let names = [
            ("file-quotes", #"the "best" \ file.pdf"#), ("file-emoji", "🎉 party 👩‍👩‍👧‍👦.pdf"),
            ("file-percent", "100%'s * of all.pdf"), ("file-umlauts", "Prüfbericht für März.pdf"),
            ("file-long", String(repeating: "Übersicht der Ergebnisse ", count: 12) + ".pdf"),
            ("file-long-ascii", String(repeating: "overview of results ", count: 20) + ".pdf"),
            ("file-of-a-line", String(repeating: "o", count: 200) + ".pdf"),
            ("file-like-encoded", "=?utf-8?Q?trick?=.pdf"), ("file-semicolons", "a; b=c, d.pdf"),
            ("file-arabic", "تقرير.pdf"),
        ]
        return try names.map { name, file in
            try Sample(name, "mixed(text/plain application/pdf)") {
                $0.text = "x\n"
                $0.attachments = [try Sample.file(file)]
            }
        }
    }
}
