/// Text of others in a report.
enum ReportText {
    /// A reason may hold the path of a file, and whatever a next hop said.
    private static let longest = 900

    /// Breaks a long text at blanks, and lets nothing in that is not visible ASCII.
    static func folded(_ text: String, indent: String = "", continuation: String) -> String {
        let safe = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(longest).map { (32...126).contains($0.value) ? $0 : "?" }))
        var lines: [String] = []
        for word in safe.split(separator: " ") {
            if let line = lines.last, line.utf8.count + word.utf8.count < 78 {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append((lines.isEmpty ? indent : continuation) + word)
            }
        }
        return lines.joined(separator: "\r\n")
    }
}
