import PosternClient

// BEGIN pem
func configuration() async throws -> SubmissionConfiguration {
    var configuration = SubmissionConfiguration(host: "mail.example.org", hostname: "app.example.org")
    configuration.certificate = try await .pem(chainFile: "/etc/app/mail.pem", keyFile: "/etc/app/mail.key")
    return configuration
}
// END

// BEGIN pkcs12
func certificate(p12: String, passphrase: String) async throws -> ClientCertificate {
    try await .pkcs12(file: p12, passphrase: Secret(preparing: passphrase))
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
func trusting(_ file: String, _ configuration: SubmissionConfiguration) async throws -> SubmissionConfiguration {
    var configuration = configuration
    configuration.trust = try await ClientTrust(file: file)
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
