/// What the conformance list has shown (P5).
extension Finding {
    static let conformanceRules: [Rule] = [
        check(
            .foreignName, "FOREIGN-NAME-ACCEPTED", .danger, "RFC 4422 §A.1",
            "a certificate speaks for an address that is not its own"
        ) { $0.authentication?.code == 235 },
        rule(
            "ANY-SENDER-ACCEPTED", .warning, "RFC 6409 §6.1",
            "the certificate sends from an address that is not of this server: whoever has one can send in anybody's name"
        ) { evidence, _ in
            !evidence.baseline.isAccepted
                && [ConformanceCheck.emptyLine, .foreignSender].contains { check in
                    guard let seen = evidence.observations[.extended(check)] else { return false }
                    return seen.reply(to: .recipient)?.isPositive == true
                }
        },
        refusal(
            .ownName, "OWN-NAME-REFUSED", "RFC 4422 §A.1",
            "the certificate's own address is refused as the authorization identity"),
        refusal(.emptyLine, "EMPTY-RESPONSE-REFUSED", "RFC 4954 §4", "an empty response after 334 fails"),
        refusal(
            .equalsSign, "EQUALS-SIGN-REFUSED", nil, "'=' after 334 fails, which curl before 8.22 says for nothing"),
        refusal(.trailingSpace, "TRAILING-SPACE-REFUSED", nil, trailingSpace),
        check(.inTransaction, "TRAILING-SPACE-REFUSED", .warning, nil, trailingSpace) { seen in
            // Who is logged in already by MAIL is told 503.
            seen.reply(to: .authenticate(.trailingSpace)).map { $0.code != 235 && $0.code != 503 } ?? false
        },
        check(
            .inTransaction, "AUTH-IN-TRANSACTION", .warning, "RFC 4954 §4",
            "AUTH in a transaction is not answered 503"
        ) { seen in seen.reply(to: .authenticate(.empty)).map { $0.code != 503 } ?? false },
        check(.emptyLine, "SECOND-AUTH", .warning, "RFC 4954 §4", "a second AUTH is not answered 503") { seen in
            seen.reply(to: .authenticateAgain).map { $0.code != 503 } ?? false
        },
        check(
            .ownName, "PIPELINED-AUTH", .warning, "RFC 4954 §4, RFC 2920 §3.1", "MAIL in one piece behind AUTH fails"
        ) { seen in
            guard seen.isAuthenticated, seen.capabilities?.offersPipelining == true else { return false }
            return seen.reply(to: .mail)?.isPositive == false
        },
        // RFC 4954 §6 has this code for a name that is not granted; whoever is told another may take it for a fault.
        rule(
            "FOREIGN-NAME-NOT-535", .note, "RFC 4954 §6",
            "a name that is not the certificate's own is refused with another code than 535"
        ) { evidence, _ in
            [ConformanceCheck.foreignName, .commonName].contains { check in
                guard let reply = evidence.observations[.extended(check)]?.authentication else { return false }
                return reply.code >= 500 && reply.code != 535
            }
        },
        check(
            .commonName, "COMMON-NAME-ACCEPTED", .note, "RFC 4422 §A.1",
            "the certificate's common name is taken as the authorization identity: is it this account's own, and nobody else's?"
        ) { $0.authentication?.code == 235 },
    ]

    private static let trailingSpace = "AUTH EXTERNAL with a space behind fails, as smtplib and K-9 say it"

    /// A rule on what one part of the list has seen.
    private static func check(
        _ check: ConformanceCheck, _ id: String, _ level: Level, _ clause: String?, _ text: String,
        _ holds: @escaping @Sendable (Observation) -> Bool
    ) -> Rule {
        rule(id, level, clause, text) { evidence, _ in evidence.observations[.extended(check)].map(holds) ?? false }
    }

    private static func refusal(_ part: ConformanceCheck, _ id: String, _ clause: String?, _ text: String) -> Rule {
        check(part, id, .warning, clause, text) { seen in seen.authentication.map { $0.code != 235 } ?? false }
    }
}
