import PosternMail

extension Rule {
    /// The moment lies between notBefore and notAfter, both included. There is no grace.
    public static let validity = Rule(name: "validity", clause: "RFC 5280 §4.1.2.5")
}

struct ValidityRule: Sendable {
    let rule = Rule.validity

    func check(_ step: Step, at moment: Timestamp) -> Verdict {
        let certificate = step.certificate
        if moment < certificate.notBefore {
            return broken(step, moment, .notYetValid(from: certificate.notBefore))
        }
        // notAfter names a second, and all of it is included.
        if moment.seconds > certificate.notAfter.seconds {
            return broken(step, moment, .expired(on: certificate.notAfter))
        }
        return .passed
    }

    func describe(_ step: Step) -> String {
        "good from \(CalendarDate(step.certificate.notBefore)) to \(CalendarDate(step.certificate.notAfter))"
    }

    private func broken(_ step: Step, _ moment: Timestamp, _ refusal: RefusalClass) -> Verdict {
        .broken(expected: "good at \(CalendarDate(moment))", found: describe(step), refusal)
    }
}
