import PosternMail
import PosternTestSupport
import SwiftASN1
import Testing
import X509

@testable import PosternCertificates

@Suite("Revocation lists")
struct RevocationListTests {
    private let authority: TestAuthority
    private let file: AuthorityFile

    init() throws {
        authority = try TestAuthority("Lists CA")
        file = try authority.file()
    }

    private func error(_ octets: [UInt8]) -> RevocationListError? {
        do {
            _ = try file.revocationLists(in: octets)
            return nil
        } catch {
            return error
        }
    }

    @Test("DER, one block and several blocks are read")
    func forms() throws {
        let der = try authority.revocationList(revoking: [try authority.issue()])
        let pem = Array(PEMBlock.write(label: PEMBlock.revocationListLabel, der: der).utf8)
        for octets in [der, pem] {
            let list = try #require(try file.revocationLists(in: octets).first)
            #expect(list.issuer == "CN=Lists CA")
            #expect(list.thisUpdate == .testStart)
            #expect(list.nextUpdate == .testEnd)
            #expect(list.count == 1)
        }
        #expect(try file.revocationLists(in: pem + pem).count == 2)
    }

    @Test("The signature is checked at load, and the issuer named where it fails")
    func signature() throws {
        #expect(
            error(try TestAuthority("Lists CA").revocationList(revoking: [])) == .wrongSignature(issuer: "CN=Lists CA"))
        let stranger = try TestAuthority("Stranger").revocationList(revoking: [])
        #expect(error(stranger) == .issuerNotFound(issuer: "CN=Stranger", known: ["CN=Lists CA"]))
        var broken = try authority.revocationList(revoking: [])
        broken[broken.count - 1] ^= 1
        #expect(error(broken) == .wrongSignature(issuer: "CN=Lists CA"))
    }

    @Test("A signer without cRLSign may sign none; one without keyUsage may")
    func keyUsage() throws {
        let without = try TestAuthority("CA") { try $0.setKeyUsage(KeyUsage(keyCertSign: true)) }
        #expect(throws: RevocationListError.notAllowedToSign(issuer: "CN=CA")) {
            try without.file().revocationLists(in: without.revocationList(revoking: []))
        }
        let silent = try TestAuthority("CA") { $0.remove([2, 5, 29, 15]) }
        #expect(try silent.file().revocationLists(in: silent.revocationList(revoking: [])).count == 1)
    }

    @Test("SHA-1 and a list without nextUpdate refuse")
    func weakOrEndless() throws {
        #expect(
            error(try authority.revocationList(revoking: [], nextUpdate: nil)) == .noNextUpdate(issuer: "CN=Lists CA"))
        var weak = authority
        weak.signer.algorithm = try Signer.identifier([1, 2, 840, 10045, 4, 1], hasNull: false)
        weak.signer.outerAlgorithm = weak.signer.algorithm
        #expect(
            error(try weak.revocationList(revoking: [])) == .algorithm(issuer: "CN=Lists CA", name: "ECDSA with SHA-1"))
    }

    @Test("Delta lists, partial lists, indirect lists and anything else critical refuse")
    func critical() throws {
        for identifier: ASN1ObjectIdentifier in [[2, 5, 29, 27], [2, 5, 29, 28], [1, 3, 6, 1, 4, 1, 32473, 1]] {
            let list = try authority.revocationList(revoking: []) {
                $0.extensions.append(.init(oid: identifier, critical: true, value: [0x30, 0x00]))
            }
            guard case .criticalExtension = error(list) else {
                Issue.record("\(identifier): \(String(describing: error(list)))")
                continue
            }
        }
        let indirect = try authority.revocationList(revoking: []) {
            $0.entries = [
                .init(serial: [1], extensions: [.init(oid: [2, 5, 29, 29], critical: true, value: [0x30, 0x00])])
            ]
        }
        guard case .criticalExtension(_, let name) = error(indirect) else {
            Issue.record("an indirect list was accepted")
            return
        }
        #expect(name.hasPrefix("certificateIssuer"))
        let harmless = try authority.revocationList(revoking: []) {
            $0.extensions.append(.unknown(critical: false))
            $0.entries = [
                .init(
                    serial: [1], extensions: [.init(oid: [2, 5, 29, 21], critical: false, value: [0x0A, 0x01, 0x01])])
            ]
        }
        #expect(error(harmless) == nil)
    }

    @Test("Files that hold something else say so")
    func otherFiles() throws {
        #expect(error([]) == .notPEM(.empty))
        #expect(error(authority.certificate.pem) == .unexpectedBlock(label: "CERTIFICATE"))
        #expect(error(authority.certificate.der) != nil)
        #expect(error(Array("hello".utf8)) == .notPEM(.noBlock(looksLikeDER: false)))
    }

    @Test("A list cut off anywhere is an error and nothing worse")
    func truncated() throws {
        let der = try authority.revocationList(revoking: [try authority.issue(), try authority.issue()])
        for length in 0..<der.count { #expect(error(Array(der.prefix(length))) != nil) }
    }

    @Test("Ten thousand entries are read, and each found")
    func many() throws {
        let serials = (0..<10_000).map { [0x40, UInt8($0 >> 8), UInt8($0 & 255)] }
        let der = try authority.revocationList(revoking: []) { $0.entries = serials.map { .init(serial: $0) } }
        let list = try #require(try file.revocationLists(in: der).first)
        #expect(list.count == 10_000)
        let trust = try authority.trust(lists: [list])
        let revoked = try authority.issue { $0.serial = serials[9_999] }
        let good = try authority.issue { $0.serial = [0x41, 0, 0] }
        #expect(revoked.chain().state(in: trust).unusable != nil)
        #expect(good.chain().state(in: trust).verified != nil)
    }
}
