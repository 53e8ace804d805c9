import PosternConfiguration
import PosternMail

/// What becomes of a key of msmtp's files.
enum SettingKey: Sendable {
    case honoured
    /// Nothing is lost of the connection's safety without it.
    case noted(String)
    /// Without it the connection would be less safe, or go another way, than its owner wanted.
    case refused(String)

    /// - Parameter value: some keys are refused in one of their values alone.
    static func of(_ key: String, value: String) -> SettingKey? {
        switch key {
        case "tls_certcheck" where value == "off", "tls_nocertcheck":
            .refused("give the server's own certificate or its authority as tls_trust_file")
        case "tls_fingerprint" where !value.isEmpty:
            .refused("give the server's own certificate or its authority as tls_trust_file")
        case "tls_crl_file" where !value.isEmpty: .refused("no list of revoked certificates is read")
        case "tls_host_override" where !value.isEmpty:
            .refused("write the name that is in the server's certificate as host")
        case "proxy_host" where !value.isEmpty: .refused("no proxy is spoken to")
        case "socket" where !value.isEmpty: .refused("only a host and a port are spoken to")
        case "protocol" where value == "lmtp": .refused("LMTP is spoken by postern serve alone")
        case "tls_trust_file" where value.isEmpty: .refused("some authority must be believed: leave the line out")
        case "auth" where unspoken.contains(value.asciiLowercased):
            .refused("SCRAM-SHA-256, PLAIN and EXTERNAL are spoken: write 'auth on' if the server has one of them")
        default: table[key]
        }
    }

    static func nearest(to key: String) -> String? {
        nearestKey(to: key, among: Array(table.keys))
    }

    /// Whether a key that nobody knows may be one that makes a connection safer.
    static func concernsSecurity(_ key: String) -> Bool {
        ["tls", "ssl", "auth", "cert", "verify", "password"].contains { key.asciiLowercased.hasPrefix($0) }
    }

    private static let unspoken: Set<String> = [
        "cram-md5", "digest-md5", "ntlm", "gssapi", "oauthbearer", "xoauth2", "scram-sha-1", "scram-sha-1-plus",
    ]

    private static let table: [String: SettingKey] = {
        var table: [String: SettingKey] = [:]
        let honoured = [
            "host", "port", "timeout", "protocol", "domain", "from", "from_full_name", "allow_from_override", "auth",
            "user", "password", "passwordeval", "tls", "tls_starttls", "tls_key_file", "tls_cert_file",
            "tls_trust_file", "tls_certcheck", "tls_fingerprint", "tls_crl_file", "tls_host_override", "proxy_host",
            "socket", "dsn_return", "dsn_notify", "logfile", "aliases", "set_from_header", "set_date_header", "syslog",
            "logfile_time_format",
            "set_msgid_header", "remove_bcc_headers", "undisclosed_recipients", "add_missing_from_header",
            "add_missing_date_header", "auto_from", "maildomain", "password_file", "password_credential",
        ]
        for key in honoured { table[key] = .honoured }
        table["connect_timeout"] = .honoured
        table["tls_priorities"] = .noted("TLS 1.2 or 1.3 is spoken, with ciphers that are safe today")
        table["tls_min_dh_prime_bits"] = .noted("no ciphers of that kind are used")
        table["ntlmdomain"] = .noted("NTLM is not spoken")
        table["source_ip"] = .noted("the system chooses the address")
        table["proxy_port"] = .noted("no proxy is spoken to")
        table["set_to_header"] = .noted("a message without To, Cc and Bcc is sent as it is")
        return table
    }()
}
