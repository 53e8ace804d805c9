import PosternMail
import Testing

@Suite("The scan for line ends")
struct LineEndScanTests {
    @Test(
        "It finds the first CR or LF wherever it stands, among octets that are almost one, and only at or after the start"
    )
    func everyPlace() {
        var wrong = 0
        for filler: UInt8 in [0x00, 0x0B, 0x0C, 0x0E, 0x09, 0x8D, 0x8A, 0x78, 0xFF] {
            for count in 0...40 {
                for place in 0..<count {
                    for end: UInt8 in [0x0D, 0x0A] {
                        var octets = [UInt8](repeating: filler, count: count)
                        octets[place] = end
                        octets.withUnsafeBytes { octets in
                            for start in 0...count {
                                if octets.firstLineEnd(from: start) != (start <= place ? place : count) { wrong += 1 }
                            }
                        }
                    }
                }
                [UInt8](repeating: filler, count: count).withUnsafeBytes { octets in
                    if octets.firstLineEnd(from: 0) != count { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }
}
