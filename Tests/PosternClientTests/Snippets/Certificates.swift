import Foundation
import Logging
import PosternClient
import PosternConnection
import PosternSASL

// BEGIN pem
func configuration(chain: [UInt8], key: [UInt8]) throws -> SubmissionConfiguration {
    var configuration = SubmissionConfiguration(host: "mail.example.org", hostname: "app.example.org")
    configuration.certificate = try .pem(chain: chain, key: key)
    return configuration
}
// END

// BEGIN pkcs12
func certificate(p12: [UInt8], passphrase: [UInt8]) throws -> ClientCertificate {
    try .pkcs12(p12, passphrase: Secret(preparing: passphrase))
}
// END

// BEGIN both
func certificateThenPassword(_ configuration: SubmissionConfiguration, password: Secret) throws
    -> SubmissionConfiguration
{
    var configuration = configuration
    configuration.login = try .init(name: "app", password: password)
    configuration.usesPasswordAfterRefusedCertificate = true
    return configuration
}
// END

// BEGIN own-authority
func trusting(_ authority: [UInt8], _ configuration: SubmissionConfiguration) -> SubmissionConfiguration {
    var configuration = configuration
    if let trust = ClientTrust(pem: authority) { configuration.trust = trust }
    return configuration
}
// END

// BEGIN check
func whoAmI(_ mail: SubmissionClient) async throws(SubmissionError) -> String {
    let connection = try await mail.check().connection
    return switch connection.authentication {
    case .none: "nobody"
    case .external: "the certificate's owner, by AUTH EXTERNAL"
    case .implicitCertificate: "the certificate's owner, if MAIL says so"
    case .password(let mechanism): "the password's owner, by \(mechanism)"
    }
}
// END
