import PosternMail
import Testing

@Suite("The search for line ends")
struct LineEndsTests {
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
                                var ends = LineEnds(in: octets)
                                if ends.first(from: start) != (start <= place ? place : count) { wrong += 1 }
                            }
                        }
                    }
                }
                [UInt8](repeating: filler, count: count).withUnsafeBytes { octets in
                    var ends = LineEnds(in: octets)
                    if ends.first(from: 0) != count { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test("It finds all of them one after another, and gives the count when there are no more")
    func oneAfterAnother() {
        let octets = Array("a\r\nb\n\nc\r\rd".utf8)
        octets.withUnsafeBytes { octets in
            var ends = LineEnds(in: octets)
            var places: [Int] = []
            var start = 0
            while start < octets.count {
                places.append(ends.first(from: start))
                start = (places.last ?? 0) + 1
            }
            #expect(places == [1, 2, 4, 5, 7, 8, 10])
        }
    }

    @Test("An octet of eight bits is found wherever it stands")
    func eightBit() {
        for count in 0...20 {
            let plain = [UInt8](repeating: 0x7F, count: count)
            #expect(!plain.withUnsafeBytes { $0.holdsEightBit })
            for place in 0..<count {
                var octets = plain
                octets[place] = 0x80
                #expect(octets.withUnsafeBytes { $0.holdsEightBit })
            }
        }
    }
}
