extension MailProgram {
    private static let run = "run: against seven servers that log in by certificate in different ways, November 2026"

    /// What is known of mail programs, a row for each setting that shows a certificate.
    public static let all: [MailProgram] = [
        MailProgram(
            "Thunderbird", "no authentication, certificate of the profile", .implicit,
            "mailnews/compose/src/SmtpClient.sys.mjs, _preferredAuthMethods: no EXTERNAL (comm-central cf9726f563)"),
        MailProgram(
            "Thunderbird for Android, K-9", "authentication: client certificate", .external,
            "mail/protocols/smtp SmtpTransport.kt, saslAuthExternal; else MissingCapabilityException (a59bd67985)"),
        MailProgram(
            "Thunderbird for Android, K-9", "authentication: none, with a certificate", .implicit,
            "mail/protocols/smtp SmtpTransport.kt, open (a59bd67985)"),
        MailProgram(
            "FairEmail", "certificate, no user", .implicit,
            "com/sun/mail/smtp/SMTPTransport.java: five authenticators without EXTERNAL (1.2331)"),
        MailProgram("curl", "--cert", .implicit, run + "; curl 7.88.1 and 8.23.0"),
        MailProgram("curl", "--cert --login-options AUTH=EXTERNAL", .whatIsOffered, run + "; curl 7.88.1 and 8.23.0"),
        MailProgram("msmtp", "auth off", .implicit, run + "; msmtp 1.8.23"),
        MailProgram("msmtp", "auth external, user", .external, run + "; msmtp 1.8.23"),
        MailProgram("s-nail", "smtp-auth=none", .implicit, run + "; s-nail 14.9.24"),
        MailProgram("s-nail", "smtp-auth=external or externanon", .external, run + "; s-nail 14.9.24"),
        MailProgram(
            "mutt", "smtp_authenticators=external, user", .external, run + "; mutt 2.2.12 with GSASL"),
        MailProgram("neomutt", "no user", .implicit, run + "; neomutt 20220429 with GSASL"),
        MailProgram("libESMTP", "automatic", .either, run + "; libESMTP 1.1.0"),
        MailProgram("swaks", "--tls-cert", .implicit, run + "; swaks 20201014"),
        MailProgram("Python smtplib", "starttls(context=…)", .implicit, run + "; Python 3.11"),
        MailProgram("aiosmtplib", "client_cert=", .implicit, run + "; aiosmtplib 5.1.3"),
        MailProgram("nodemailer", "tls: { cert, key }", .implicit, run + "; nodemailer 9.0.5"),
        MailProgram("JavaMail, Angus Mail", "certificate alone", .implicit, run + "; JavaMail 1.6.5"),
        MailProgram("JavaMail, Angus Mail", "sasl.mechanisms=EXTERNAL", .external, run + "; JavaMail 1.6.5"),
        MailProgram("Net::SMTP", "SSL_cert_file", .implicit, run + "; Net::SMTP 3.14"),
        MailProgram("PHPMailer", "local_cert", .implicit, run + "; PHPMailer 7.1.1"),
        MailProgram("Emacs smtpmail", "certificate of auth-source", .implicit, run + "; Emacs 28.2"),
        MailProgram(
            "git send-email", "sendemail.smtpSSLClientCert", .implicit, "git-send-email.perl, from March 2026 on"),
        MailProgram(
            "MailKit", "ClientCertificates", .implicit,
            "MailKit/Security: no EXTERNAL; Net/Smtp/SmtpClient.cs, ParseMailFromResponse (4.17.0)"),
        MailProgram(
            "lettre", "identify_with", .implicit,
            "src/transport/smtp/authentication.rs: PLAIN, LOGIN, XOAUTH2 alone (0.11.21)"),
        MailProgram("go-mail", "WithTLSConfig", .implicit, "client.go: no EXTERNAL of its own (0.8.1)"),
        MailProgram(
            "go-smtp", "sasl.NewExternalClient", .external, "client.go, Auth; go-sasl external.go (0.23)"),
        MailProgram(
            "nullmailer", "auth-external (after 2.2)", .external,
            "protocols/smtp.cc: fails where EXTERNAL is not offered (HEAD of November 2024)"),
        MailProgram("Ruby net-smtp", "ssl_context_params", .implicit, "lib/net/smtp.rb (0.5.1)"),
        MailProgram("Symfony Mailer", "stream context", .implicit, "Transport/Smtp/EsmtpTransport.php (7.0.4)"),
        MailProgram(
            "Exchange Online", "connector with a certificate", .implicit,
            "learn.microsoft.com: a certificate-based connector never says AUTH"),
        MailProgram(
            "Postern", "as a relay, certificate at the next hop", .whatIsOffered,
            "PosternClient/Session/Login.swift, authenticate"),
    ]
}
