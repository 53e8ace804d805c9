import Foundation
import PosternMail
import PosternTestSupport
import Testing

@testable import PosternCertificates

extension PresentedChain {
    /// The chain's state against a trust, at the moment of the tests.
    func state(in trust: Trust, at moment: Timestamp = .testNow) -> CertificateState {
        Examination(of: self, against: trust).state(at: moment, trust: trust)
    }

    func findings(in trust: Trust, at moment: Timestamp = .testNow) -> [Finding] {
        if case .unusable(let unusable) = state(in: trust, at: moment) { unusable.findings } else { [] }
    }
}

extension CertificateState {
    var verified: VerifiedCertificate? {
        if case .verified(let certificate) = self { certificate } else { nil }
    }

    var unusable: UnusableCertificate? {
        if case .unusable(let certificate) = self { certificate } else { nil }
    }
}

/// What openssl made: see make-fixtures.sh.
enum Fixture {
    /// All fixtures are good then.
    static let moment = Timestamp(seconds: 1_893_456_000)  // 2030-01-01

    static func octets(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func chain(_ name: String) throws -> PresentedChain {
        try PresentedChain(pem: octets(name + ".pem"))
    }

    static func trust(_ authority: String, lists: String? = nil) throws -> Trust {
        let file = try AuthorityFile(pem: octets(authority + ".pem"))
        let lists = try lists.map { try file.revocationLists(in: octets($0)) } ?? []
        return Trust(authorities: [Authority(id: authority, file: file, lists: lists)])
    }
}
