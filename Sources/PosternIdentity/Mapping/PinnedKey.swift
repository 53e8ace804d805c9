import PosternCertificates

extension MappingRule {
    /// The public key itself is listed at an account: no authority is asked.
    static func byPinnedKey(_ certificate: VerifiedCertificate, _ snapshot: Snapshot) -> [MappingFinding] {
        guard certificate.isPinned else { return [] }
        let key = certificate.facts.keyFingerprint
        return snapshot.accounts(pinning: key).map {
            MappingFinding(rule: .pinnedKey, subject: key.description, result: .account($0.name))
        }
    }
}
