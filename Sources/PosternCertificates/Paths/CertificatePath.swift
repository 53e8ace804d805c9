/// Certificates from a leaf upwards, each linked to the next by name and, where it could be checked, by signature.
struct CertificatePath: Sendable {
    /// What the check of one certificate's signature gave.
    enum SignatureCheck: Hashable, Sendable {
        case verified
        /// There are certificates of the issuer's name, and none of their keys made the signature.
        case wrong
        /// No certificate of the issuer's name is at hand.
        case issuerUnknown
        /// The algorithm or the issuer's key is one that rules refuse; nothing was computed with it.
        case notChecked
        /// The chain asks for more signature checks or longer paths than we make.
        case tooMany
    }

    /// Where a path ends, as places in `Trust`. They hold as long as `Trust.anchorsID` is the same.
    struct Anchor: Hashable, Sendable {
        let authority: Int
        let certificate: ParsedCertificate

        static func == (left: Anchor, right: Anchor) -> Bool {
            left.authority == right.authority && left.certificate === right.certificate
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(authority)
            hasher.combine(ObjectIdentifier(certificate))
        }
    }

    /// The leaf first; the anchor, where there is one, is not among them.
    let certificates: [ParsedCertificate]
    /// One for each of `certificates`.
    let signatures: [SignatureCheck]
    /// Nil for a path that leads nowhere.
    let anchor: Anchor?
    /// How many certificates the client sent, on this path or not.
    let presentedCount: Int

    /// Whether signatures link the leaf to an authority of the configuration, whatever else may be wrong.
    var isSignedThroughout: Bool {
        anchor != nil && signatures.allSatisfy { $0 == .verified }
    }

    /// A place for each certificate of the path, the anchor's last.
    var steps: [Step] {
        (0..<(certificates.count + (anchor == nil ? 0 : 1))).map { Step(path: self, index: $0) }
    }
}

/// One certificate in its place on a path: what a rule looks at.
struct Step: Sendable {
    let path: CertificatePath
    /// 0 is the leaf (or the anchor of a path that has nothing else).
    let index: Int

    /// - Precondition: `index` is one of `path.steps`.
    var certificate: ParsedCertificate {
        if index < path.certificates.count { return path.certificates[index] }
        guard let anchor = path.anchor else { preconditionFailure("a step beyond the end of its path") }
        return anchor.certificate
    }

    var isAnchor: Bool { index == path.certificates.count }
    var isLeaf: Bool { index == 0 && !isAnchor }

    var role: CertificateReference.Role {
        isLeaf ? .leaf : isAnchor ? .authority : .intermediate(index)
    }

    var reference: CertificateReference {
        CertificateReference(role: role, subject: certificate.subject.text)
    }

    /// Nil for the anchor, whose signature is its own and proves nothing.
    var signature: CertificatePath.SignatureCheck? {
        isAnchor ? nil : path.signatures[index]
    }
}
