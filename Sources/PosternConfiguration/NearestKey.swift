/// The key that was most likely meant by `text`, or nil where none is like it.
package func nearestKey(to text: String, among keys: [String]) -> String? {
    guard !wordsOfTheField.contains(text.lowercased()) else { return nil }
    let limit = max(2, text.unicodeScalars.count / 3)
    let distances = keys.map { (key: $0, distance: editDistance(text.lowercased(), $0)) }
    return distances.filter { $0.distance <= limit && $0.distance < $0.key.count }
        .min { ($0.distance, $0.key) < ($1.distance, $1.key) }?.key
}

/// What somebody means as it stands, however like a key it looks: LMTP is no slip of SMTP.
private let wordsOfTheField: Set<String> = ["smtp"]

/// How many letters must be put in, taken out, replaced or exchanged with their neighbour to make one text of the other
/// (optimal string alignment). Texts over 64 letters are cut: no key is as long.
func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.unicodeScalars.prefix(64))
    let b = Array(right.unicodeScalars.prefix(64))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
        var current = [i]
        for j in 1...b.count {
            let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            var best = min(last[j] + 1, current[j - 1] + 1, replaced)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, beforeLast[j - 2] + 1) }
            current.append(best)
        }
        beforeLast = last
        last = current
    }
    return last[b.count]
}
