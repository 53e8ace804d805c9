import NIOCore
import Testing

@testable import PosternServer

@Suite("What counts as one client")
struct ClientNetworkTests {
    private func network(_ address: String) throws -> ClientNetwork {
        ClientNetwork(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test("an IPv4 address, also where it comes as IPv6")
    func ipv4() throws {
        #expect(try network("192.0.2.7") == network("192.0.2.7"))
        #expect(try network("192.0.2.7") == network("::ffff:192.0.2.7"))
        #expect(try network("192.0.2.7") != network("192.0.2.8"))
        #expect(try network("::ffff:192.0.2.7") != network("::ffff:192.0.2.8"))
    }

    @Test("an IPv6 network of 64 bits")
    func ipv6() throws {
        #expect(try network("2001:db8:1:2::7") == network("2001:db8:1:2:ffff::8"))
        #expect(try network("2001:db8:1:2::7") != network("2001:db8:1:3::7"))
    }

    @Test("F1: connections are counted by client, and given back")
    func counts() throws {
        let counts = ConnectionCounts(stressedFrom: 100)
        let (one, neighbour) = (try network("2001:db8::1"), try network("2001:db8::2"))
        let other = try network("192.0.2.7")
        #expect(counts.admit(one, total: 3, perClient: 2).isAdmitted)
        #expect(counts.admit(neighbour, total: 3, perClient: 2).isAdmitted)
        #expect(!counts.admit(one, total: 3, perClient: 2).isAdmitted)
        #expect(counts.admit(other, total: 3, perClient: 2).isAdmitted)
        #expect(!counts.admit(try network("192.0.2.8"), total: 3, perClient: 2).isAdmitted)
        #expect(counts.release(neighbour) == nil)
        #expect(counts.admit(one, total: 3, perClient: 2).isAdmitted)
    }

    @Test("F2: stress begins at its number of connections, and ends an eighth below it")
    func stress() throws {
        let counts = ConnectionCounts(stressedFrom: 8)
        let client = try network("192.0.2.7")
        for _ in 1...7 { #expect(counts.admit(client, total: 10, perClient: 10).change == nil) }
        #expect(!counts.isUnderStress)
        #expect(counts.admit(client, total: 10, perClient: 10).change == .stressBegins)
        #expect(counts.isUnderStress)
        #expect(counts.admit(client, total: 10, perClient: 10).change == nil)
        #expect(counts.release(client) == nil)
        #expect(counts.release(client) == nil)
        #expect(counts.release(client) == .stressEnds)
        #expect(!counts.isUnderStress)
        #expect(counts.release(client) == nil)
    }
}
