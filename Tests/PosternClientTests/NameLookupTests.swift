import Dispatch
import NIOCore
import NIOPosix
import Testing

@testable import PosternConnection

@Suite("F9: lookups of names")
struct NameLookupTests {
    private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private func addresses(
        of host: String, by lookup: NameLookup
    ) -> (v6: EventLoopFuture<[SocketAddress]>, v4: EventLoopFuture<[SocketAddress]>) {
        (lookup.initiateAAAAQuery(host: host, port: 25), lookup.initiateAQuery(host: host, port: 25))
    }

    @Test("gives each address to the query for its kind, with the port")
    func kinds() async throws {
        let queue = DispatchQueue(label: "lookups")
        let four = addresses(of: "127.0.0.9", by: NameLookup(on: queue, loop: loop))
        #expect(try await four.v4.get() == [SocketAddress(ipAddress: "127.0.0.9", port: 25)])
        #expect(try await four.v6.get() == [])
        let six = addresses(of: "::1", by: NameLookup(on: queue, loop: loop))
        #expect(try await six.v6.get() == [SocketAddress(ipAddress: "::1", port: 25)])
        #expect(try await six.v4.get() == [])
    }

    @Test("a name that is not there fails both queries, and is named")
    func unknown() async throws {
        let answers = addresses(
            of: "no such name", by: NameLookup(on: DispatchQueue(label: "lookups"), loop: loop))
        for future in [answers.v6, answers.v4] {
            let fault = await #expect(throws: NameFault.self) { try await future.get() }
            #expect(fault?.host == "no such name")
        }
    }

    @Test(
        "F10: one that hangs holds up none of another next hop on the same loop; those behind it that nobody awaits are left out"
    )
    func hanging() async throws {
        let busy = DispatchQueue(label: "lookups of a dead name")
        let end = DispatchSemaphore(value: 0)
        busy.async { end.wait() }
        let behind = NameLookup(on: busy, loop: loop)
        let answers = addresses(of: "127.0.0.1", by: behind)
        let other = addresses(
            of: "127.0.0.1", by: NameLookup(on: DispatchQueue(label: "other lookups"), loop: loop))
        #expect(try await other.v4.get().count == 1)
        behind.cancelQueries()
        end.signal()
        await #expect(throws: CancellationError.self) { try await answers.v4.get() }
        await #expect(throws: CancellationError.self) { try await answers.v6.get() }
    }
}
