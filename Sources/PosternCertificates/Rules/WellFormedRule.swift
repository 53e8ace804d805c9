extension Rule {
    /// The certificate has the structure of one, and so has what the rules read in it.
    public static let wellFormed = Rule(name: "structure", clause: "RFC 5280 §4.1")
}

struct WellFormedRule: FixedRule {
    let rule = Rule.wellFormed

    func check(_ step: Step) -> Verdict {
        let certificate = step.certificate
        var faults = certificate.extensions.malformations.map {
            Fault(expected: "extensions as RFC 5280 §4.2 defines them", found: $0.text, refusal: .malformed)
        }
        if !certificate.algorithmsAgree {
            faults.append(
                Fault(
                    expected: "one signature algorithm, inside and outside of what is signed (RFC 5280 §4.1.1.2)",
                    found: "two that differ", refusal: .malformed))
        }
        if certificate.version != 3, !certificate.extensions.isEmpty {
            faults.append(
                Fault(
                    expected: "extensions in version 3 alone (RFC 5280 §4.1.2.9)",
                    found: "extensions in version \(certificate.version)", refusal: .malformed))
        }
        return faults.isEmpty ? .passed : .broken(faults)
    }

    func describe(_ step: Step) -> String { "version \(step.certificate.version)" }
}
