import ArgumentParser
import Foundation
import NIOCore
import NIOSSL

/// To whom is submitted, by whom, and what.
struct Submitter: ParsableArguments {
    @Option(help: "The server's port on 127.0.0.1.")
    var port: Int

    @Option(help: "A file with the authority of the server's certificate, in PEM.")
    var ca: String

    @Option(help: "The client's certificate, in PEM.")
    var certificate: String

    @Option(help: "Its key, in PEM.")
    var key: String

    @Option(help: "The reverse-path.")
    var from: String

    @Option(help: "The recipient.")
    var to: String

    @Option(help: "Octets of a message, header included.")
    var size = 4_096

    func validate() throws {
        guard (512...100_000_000).contains(size) else { throw ValidationError("--size is from 512 to 100000000") }
    }

    /// - Parameter perConnection: messages after which a connection says QUIT; nil: none does, ever.
    func load(
        _ quota: Quota, connections: Int, perConnection: Int?, on loop: any EventLoop
    ) throws -> EventLoopFuture<NIOLoopBound<Load>> {
        let script = Script(from: from, to: to, size: size)
        let (context, address) = (try context(), try SocketAddress(ipAddress: "127.0.0.1", port: port))
        return loop.submit {
            NIOLoopBound(
                Load(script, quota, context, address, perConnection: perConnection, on: loop), eventLoop: loop)
        }.flatMap { load in
            load.value.start(connections).map { load }
        }
    }

    private func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(ca)
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        return try NIOSSLContext(configuration: configuration)
    }
}
