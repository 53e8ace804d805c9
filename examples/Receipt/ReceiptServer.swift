import Foundation
import Hummingbird
import Logging
import PosternClient

/// A web shop that mails a receipt for each order, with a client certificate as its proof of identity.
///
///     MAIL_HOST=mail.example.org MAIL_FROM='Shop <shop@example.org>' MAIL_CERTIFICATE=shop.pem MAIL_KEY=shop.key \
///         swift run example-receipt
///     curl -H 'Content-Type: application/json' http://127.0.0.1:8080/orders \
///         -d '{ "number": 7, "name": "Ann Lee", "address": "ann@example.net", "total": "12.50 €" }'
@main
struct ReceiptServer {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let logger = Logger(label: "receipts")
        let mail = SubmissionClient(try await configuration(environment), logger: logger)
        let router = Router()
        ReceiptRoutes(mail: mail, shop: try NamedMailbox(environment["MAIL_FROM"] ?? "shop@example.org")).add(
            to: router)
        let application = Application(
            router: router,
            configuration: .init(
                address: .hostname("127.0.0.1", port: environment["HTTP_PORT"].flatMap(Int.init) ?? 8080)),
            // The last in is the first to end: no request is open any more when the mail client finishes what is under way.
            services: [mail],
            onServerRunning: { channel in logger.info("listening on port \(channel.localAddress?.port ?? 0)") },
            logger: logger)
        try await application.runService()
    }

    /// From the environment: MAIL_HOST, MAIL_CERTIFICATE and MAIL_KEY (files of PEM); for a server of one's own MAIL_PORT (with
    /// TLS at once) and MAIL_AUTHORITY.
    private static func configuration(_ environment: [String: String]) async throws -> SubmissionConfiguration {
        var configuration = SubmissionConfiguration(
            host: environment["MAIL_HOST"] ?? "localhost", hostname: ProcessInfo.processInfo.hostName)
        configuration.certificate = try await .pem(
            chainFile: environment["MAIL_CERTIFICATE"] ?? "", keyFile: environment["MAIL_KEY"] ?? "")
        if let port = environment["MAIL_PORT"].flatMap(Int.init) {
            configuration.ports = [SubmissionPort(port, .implicitTLS)]
        }
        if let authority = environment["MAIL_AUTHORITY"] {
            configuration.trust = try await ClientTrust(file: authority)
        }
        return configuration
    }
}
