import Foundation
import Logging
import NIOPosix
import PosternClient

/// Sends one message, with a key on a smart card.
///
///     MAIL_HOST=mail.example.org MAIL_FROM=alice@example.org MAIL_CERTIFICATE=alice.pem \
///         PKCS11_MODULE=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so swift run example-smart-card bob@example.net
@main
struct SmartCardSend {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let recipient = CommandLine.arguments.dropFirst().first, let module = environment["PKCS11_MODULE"],
            let chain = environment["MAIL_CERTIFICATE"]
        else {
            print("usage: MAIL_CERTIFICATE=FILE PKCS11_MODULE=FILE example-smart-card ADDRESS")
            exit(64)
        }
        var configuration = SubmissionConfiguration(
            host: environment["MAIL_HOST"] ?? "localhost", hostname: ProcessInfo.processInfo.hostName)
        configuration.certificate = try await certificate(
            chain, openCard: { pin in try PKCS11Card(module: module, pin: pin) }, askForPIN: askForPIN)
        if let port = environment["MAIL_PORT"].flatMap(Int.init) {
            configuration.ports = [SubmissionPort(port, .implicitTLS)]
        }
        if let authority = environment["MAIL_AUTHORITY"] {
            configuration.trust = try await ClientTrust(file: authority)
        }
        let mail = SubmissionClient(configuration, logger: Logger(label: "smart-card"))
        do {
            let message = try Message(
                from: NamedMailbox(environment["MAIL_FROM"] ?? "alice@example.org"), to: [NamedMailbox(recipient)],
                subject: "From a card", text: "The key has not left it.\n")
            let receipt = try await mail.send(message)
            print("sent \(receipt.queueID ?? "") \(receipt.connection.authentication)")
        } catch {
            print("not sent: \(error)")
            exit(69)
        }
    }

    /// From the terminal, on a thread that may wait for a person.
    private static func askForPIN() async throws -> String {
        print("PIN: ", terminator: "")
        fflush(nil)
        return try await NIOThreadPool.singleton.runIfActive { readLine() ?? "" }
    }
}
