import ArgumentParser
import PosternSend

/// `postern send`: a message from standard input, through whatever server there is. What sendmail(8) and msmtp take it takes
/// too, so its arguments are read by `SendArguments`, which knows their ways.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message from standard input, in place of sendmail(8) and msmtp.",
        usage: "postern send [OPTION…] [--] RECIPIENT…",
        discussion: SendHelp.options)

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var words: [String] = []

    func run() async throws {
        let status = await SendProgram(role: .send).run(words)
        if status != .sent { throw ExitCode(status.rawValue) }
    }
}

/// What a person can be told of the options.
enum SendHelp {
    static let text = "USAGE: postern send [OPTION…] [--] RECIPIENT…\n\n\(options)"

    static let options = """
        The account is that of msmtp's files (~/.msmtprc, $XDG_CONFIG_HOME/msmtp/config, /etc/msmtprc), or a server that is \
        named. Called as sendmail, mailq, newaliases or msmtp, by a symbolic link, it is that.

          --server HOST[:PORT]      instead of an account: with TLS, on 465 and then 587 unless a port is named
          --tls implicit, starttls  how TLS begins there
          --ca FILE                 the server's authorities, in PEM (default: those of the system)
          --certificate FILE, --key FILE   yours, in PEM; or PKCS#12 in --certificate alone
          --user NAME               with --password-file FILE (mode 600), --password-credential NAME (of systemd) or \
        --passwordeval COMMAND
          -a, --account NAME        of the file; otherwise by -f, or 'default'
          -C, --file FILE           instead of the user's msmtp file
          -f, --from ADDRESS        the envelope's sender
          -t                        recipients from To, Cc and Bcc; Bcc is taken out
          -i                        a line with a dot alone is content, also at a terminal
          -F NAME, -N WHEN, -R full or hdrs, -V ID   as sendmail has them
          -bs                       SMTP on standard input and output
          --queue auto, always, never   keep what cannot be sent now (default), keep everything, keep nothing
          --spool DIR               where it is kept
          -bp, -q                   list what is kept; send it
          --partial                 to those recipients that are accepted, whatever is said to the others
          --explain                 what would be done, without doing it
          --json                    the result for each recipient
          -v                        what was said, without secrets

        Ends with 0 (sent, or kept), 64 usage, 65 a bad address or content, 67 and 68 no such recipient, 69 refused, 73 and 74 \
        the spool failed, 75 try later, 77 the login was refused, 78 configuration.
        """
}
