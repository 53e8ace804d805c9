extension Extension {
    /// What a session takes, told before it is too much (RFC 9422): recipients of a message, and MAIL commands.
    static let limits = Extension("LIMITS") { offer in
        "RCPTMAX=\(announced(offer.maximumRecipients)) MAILMAX=\(announced(offer.maximumTransactions))"
    }

    /// RFC 9422 §4: a value has up to six digits.
    private static func announced(_ limit: Int) -> Int { min(limit, 999_999) }
}
