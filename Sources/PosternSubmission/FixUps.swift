import PosternMail

/// What a submission server mends in a message's header (RFC 6409 §8), besides its trace.
struct FixUps {
    let id: QueueID
    let hostname: Domain
    let received: Timestamp

    /// The header as it is stored: trace first, the fields in their order, what was missing at their end.
    func header(of block: HeaderBlock, behind trace: Trace) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(block.fields.reduce(Self.room) { $0 + $1.octets.count } + block.remainder.count)
        trace.write(into: &octets)
        // RFC 6409 §8: a mended header would break the signature over it. Bcc goes all the same: it would tell who else got
        // the message, and who signs it does not sign for those.
        let isSigned = block.contains("dkim-signature")
        var hasMessageID = false
        for field in block.fields {
            if field.name == "message-id", !isSigned {
                // RFC 6409 §8.3: an invalid one is replaced.
                guard MessageID(field.value) != nil else { continue }
                hasMessageID = true
            }
            if !Self.removed.contains(field.name) { octets += field.octets }
        }
        guard !isSigned else { return octets + "\r\n".utf8 + block.remainder }
        if !hasMessageID { octets += "Message-ID: \(MessageID(for: id, at: hostname))\r\n".utf8 }
        // RFC 6409 §8.2.
        if !block.contains("date") { octets += "Date: \(CalendarDate(received).mailDate)\r\n".utf8 }
        octets += "\r\n".utf8
        octets += block.remainder
        return octets
    }

    /// Octets for what is added.
    private static let room = 512

    /// Who else got the message is not for the others to know (RFC 5322 §3.6.3, §3.6.6, RFC 5321 §7.2); and only the last
    /// server writes `Return-Path` (RFC 5321 §4.4).
    private static let removed = ["bcc", "resent-bcc", "return-path"]
}
