import PosternMail
import PosternQueue

/// What reports on a message bring back of it.
struct ReportedContent: Sendable {
    let header: ReturnedPart
    /// The same where the whole was not asked for, or cannot be brought back.
    let ofFailure: ReturnedPart

    /// Empty where the body cannot be read, for the sender is to be told all the same. Blocks.
    static func read(_ body: DeliveryBody, isWhole: Bool) -> ReportedContent {
        // An octet more tells a message that is too large.
        let limit = isWhole ? ReturnedPart.wholeLimit + 1 : ReturnedPart.headerLimit
        let octets = beginning(of: body, limit: limit)
        let header = ReturnedPart(header: Self.header(in: octets))
        return ReportedContent(
            header: header, ofFailure: isWhole ? ReturnedPart(whole: octets) ?? header : header)
    }

    private static func beginning(of body: DeliveryBody, limit: Int) -> [UInt8] {
        do throws(QueueError) {
            var reader = try body.stored().reader()
            var octets: [UInt8] = []
            while octets.count < limit, let piece = try reader.next() {
                octets += piece.readableBytesView.prefix(limit - octets.count)
            }
            return octets
        } catch {
            return []
        }
    }

    /// Whole lines.
    private static func header(in octets: [UInt8]) -> [UInt8] {
        var end = octets.startIndex
        while let lineFeed = octets[end...].firstIndex(of: .lineFeed), octets[end] != .carriageReturn {
            end = lineFeed + 1
        }
        return Array(octets[..<end])
    }
}
