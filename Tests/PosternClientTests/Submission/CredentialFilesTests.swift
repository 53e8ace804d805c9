import Foundation
import PosternClient
import Testing

@Suite("Submission: certificates, keys and authorities in files")
struct CredentialFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")

    private func file(_ name: String, _ text: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: name)
        try Data(text.utf8).write(to: path)
        return path.path
    }

    @Test("are read as their octets are")
    func files() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let identities = try TestIdentities.shared.get()
        let chain = try file("chain", identities.client.certificatePEM)
        let both = try file("both", identities.client.certificatePEM + identities.client.keyPEM)
        let expected = try identities.certificate().publicKeyHash
        #expect(try await ClientCertificate.pem(chainFile: both, keyFile: both).publicKeyHash == expected)
        let asked = try await ClientCertificate.openedWhenAsked(chainFile: chain) { throw CancellationError() }
        #expect(asked.publicKeyHash == expected)
        await #expect(throws: ClientCertificateFault.incompletePKCS12) {
            try await ClientCertificate.pkcs12(file: both)
        }
        _ = try await ClientTrust(file: file("authority", identities.authority.certificate.certificatePEM))
    }

    @Test("one that is not there, or is no certificate, is an error: the system's authorities take no place")
    func faults() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        await #expect(throws: ClientTrustFault.unreadableFile("/nowhere: No such file or directory")) {
            try await ClientTrust(file: "/nowhere")
        }
        await #expect(throws: ClientCertificateFault.unreadableFile("/nowhere: No such file or directory")) {
            try await ClientCertificate.pem(chainFile: "/nowhere", keyFile: "/nowhere")
        }
        let authority = try TestIdentities.shared.get().authority.certificate.certificatePEM
        for text in ["", "words", authority + String(authority.dropLast(100)) + "-----END CERTIFICATE-----\n"] {
            let path = try file("damaged", text)
            await #expect(throws: ClientTrustFault.unreadableCertificate) { try await ClientTrust(file: path) }
        }
        await #expect(throws: ClientTrustFault.unreadableFile("/dev/zero: more than 16 MiB")) {
            try await ClientTrust(file: "/dev/zero")
        }
    }
}
