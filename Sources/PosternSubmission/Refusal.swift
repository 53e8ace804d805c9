import PosternCertificates
import PosternIdentity
import PosternSMTP

/// Every way in which a session says no, with its code and its words: the one place where they stand.
///
/// The words tell facts of what the client showed or sent, never its input back, and nothing about accounts or policy
/// to those who are not authenticated (RFC 6409 §7).
enum Refusal {
    // Lines that are no command
    case syntax(CommandError)
    case lineTooLong(limit: Int)
    case authLineTooLong(limit: Int)
    case endlessLine
    case tlsOnClearPort

    // Order
    case tlsRequired
    case helloRequired
    case alreadySecure
    case alreadyAuthenticated
    case authInTransaction
    case nestedMail
    case mailRequired
    case recipientRequired
    case notImplemented
    case chunksBegun
    case chunkRefused
    case chunkEndless(limit: Int)
    case chunkUnmeasured

    // Authentication
    case authenticationRequired(CertificateFault?)
    case authenticationRequiredAfterFailure
    case certificateRefused(CertificateFault)
    case unknownMechanism
    case exchangeCancelled
    case notBase64
    case exchangeFailed
    case external(ExternalRefusal)
    case wrongPassword
    case accountDisabled
    case certificateOfAnotherAccount
    case passwordWorkersBusy
    case accountUnderAttack
    case tooManyFailedLogins

    // Transaction
    case declaredTooLarge(limit: Int)
    case senderNotQualified
    case senderNotPermitted
    case noRoom
    case recipientNotQualified
    case tooManyRecipients(limit: Int)
    case noMemory

    // Message
    case tooLarge(limit: Int)
    case content(DataDecoder.Fault)
    case headerTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case loop(limit: Int)
    case notStored(StorageFailure)

    // The end of the session
    case tooManyErrors
    case tooManyTransactions(limit: Int)
    case idle
    case tooSlow(rate: Int)
    case messageTime
    case shutdown
    case accountEnded
    case certificateEnded
    case certificateMapsElsewhere

    /// The reply, with the session's id at its end by which an operator finds what happened.
    func reply(in session: SessionID) -> Reply {
        let (code, enhanced, text) = words
        return Reply(code, enhanced, "\(text) (\(session))")
    }

    private var words: (Int, EnhancedCode, String) {
        switch self {
        case .syntax(let error): Self.words(error)
        case .lineTooLong(let limit): (500, .init(5, 2), "line longer than \(limit) octets")
        case .authLineTooLong(let limit): (500, .init(5, 6), "authentication line longer than \(limit) octets")
        case .endlessLine: (500, .init(5, 2), "line without an end; closing")
        case .tlsOnClearPort:
            (421, .init(7, 0), "this port starts in clear: say STARTTLS, or use the port for TLS at once")
        case .tlsRequired: (530, .init(7, 0), "must issue a STARTTLS command first")
        case .helloRequired: (503, .init(5, 1), "say EHLO first")
        case .alreadySecure: (503, .init(5, 1), "TLS is running already")
        case .alreadyAuthenticated: (503, .init(5, 1), "already authenticated")
        case .authInTransaction: (503, .init(5, 1), "no AUTH inside a mail transaction")
        case .nestedMail: (503, .init(5, 1), "a mail transaction is open already; end it with RSET")
        case .mailRequired: (503, .init(5, 1), "say MAIL first")
        case .recipientRequired: (503, .init(5, 1), "no valid recipients")
        case .notImplemented: (502, .init(5, 1), "command not implemented")
        case .chunksBegun: (503, .init(5, 1), "the message comes by BDAT; send its other chunks, or say RSET")
        case .chunkRefused: (503, .init(5, 1), "a chunk of this message was refused; say RSET")
        case .chunkEndless(let limit): (552, .init(3, 4), "chunk much larger than \(limit) octets; closing")
        case .chunkUnmeasured: (501, .init(5, 4), "BDAT needs a size in digits, then LAST or nothing; closing")
        case .authenticationRequired(let fault): (530, .init(7, 0), Self.sentence("authentication required", fault))
        case .authenticationRequiredAfterFailure:
            (530, .init(7, 0), "authentication required; an AUTH command failed in this session")
        case .certificateRefused(let fault): (554, .init(7, 0), Self.sentence("client certificate not accepted", fault))
        case .unknownMechanism: (504, .init(5, 4), "authentication mechanism not available here")
        case .exchangeCancelled: (501, .init(7, 0), "authentication cancelled")
        case .notBase64: (501, .init(5, 2), "not BASE64")
        case .exchangeFailed: (535, .init(7, 8), "authentication failed: credentials are not well-formed")
        case .external(let refusal): Self.words(refusal)
        case .wrongPassword: (535, .init(7, 8), "authentication failed")
        case .accountDisabled: (525, .init(7, 13), "account disabled")
        case .certificateOfAnotherAccount:
            (535, .init(7, 8), "authentication failed: the client certificate belongs to somebody else")
        case .passwordWorkersBusy: (454, .init(7, 0), "too many logins at once; try again later")
        // As of any other trouble with passwords: that somebody guesses at this account is not for those who ask.
        case .accountUnderAttack: (454, .init(7, 0), "too many logins at once; try again later")
        case .tooManyFailedLogins: (421, .init(7, 0), "too many failed logins from your network; try again later")
        case .declaredTooLarge(let limit), .tooLarge(let limit):
            (552, .init(3, 4), "message larger than \(limit) octets")
        case .senderNotQualified: (554, .init(1, 8), "sender's domain is not fully qualified")
        case .senderNotPermitted: (550, .init(7, 1), "not permitted to send from this address")
        case .noRoom: (452, .init(3, 1), "no room for new messages; try again later")
        case .recipientNotQualified: (554, .init(1, 2), "recipient's domain is not fully qualified")
        case .tooManyRecipients(let limit):
            (452, .init(5, 3), "more than \(limit) recipients; send to the rest in another transaction")
        case .noMemory: (452, .init(3, 1), "too many messages at once; try again later")
        case .content(let fault): (554, .init(6, 0), Self.sentence(fault))
        case .headerTooLarge(let limit): (554, .init(6, 0), "message header larger than \(limit) octets")
        case .tooManyFields(let limit): (554, .init(6, 0), "message header has more than \(limit) fields")
        case .loop(let limit): (554, .init(4, 6), "more than \(limit) Received lines: the message is in a loop")
        case .notStored(.full): (452, .init(3, 1), "no room to store the message; try again later")
        case .notStored(.broken): (451, .init(3, 0), "the message could not be stored; try again later")
        case .tooManyErrors: (421, .init(7, 0), "too many errors; closing")
        case .tooManyTransactions(let limit):
            (421, .init(7, 0), "more than \(limit) messages in one session; connect again")
        case .idle: (421, .init(4, 2), "nothing heard for too long; closing")
        case .tooSlow(let rate): (421, .init(4, 2), "fewer than \(rate) octets a second of a message came; closing")
        case .messageTime: (421, .init(4, 2), "the message took too long to come; closing")
        case .shutdown: (421, .init(3, 2), "server is shutting down; try again soon")
        case .accountEnded: (421, .init(7, 0), "the account may submit no more; closing")
        case .certificateEnded: (421, .init(7, 0), "the client certificate is valid no more; closing")
        case .certificateMapsElsewhere:
            (421, .init(7, 0), "the client certificate now belongs to another account; closing")
        }
    }

    private static func words(_ error: CommandError) -> (Int, EnhancedCode, String) {
        switch error {
        case .unknownVerb: (500, .init(5, 1), "command not recognized")
        case .anotherProtocol: (421, .init(5, 1), "this is SMTP; closing")
        case .controlCharacter: (500, .init(5, 2), "command holds a control character; lines end in CRLF only")
        case .eightBit: (501, .init(6, 7), "8-bit characters are not accepted here: SMTPUTF8 is not offered")
        case .argumentMissing(let verb): (501, .init(5, 4), "\(verb.rawValue) needs an argument")
        case .argumentNotAllowed(let verb): (501, .init(5, 4), "\(verb.rawValue) takes no argument")
        case .badArgument(.mail): (501, .init(5, 4), "expected MAIL FROM:<address>")
        case .badArgument(.rcpt): (501, .init(5, 4), "expected RCPT TO:<address>")
        case .badArgument(let verb): (501, .init(5, 4), "argument of \(verb.rawValue) is not well-formed")
        case .badSender: (501, .init(1, 7), "sender is not <local-part@domain> or <>")
        case .badRecipient: (501, .init(1, 3), "recipient is not <local-part@domain>")
        case .unknownParameter: (555, .init(5, 4), "parameter not recognized")
        case .badParameter("NOTIFY"):
            (501, .init(5, 4), "NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY, and stands once")
        case .badParameter("ORCPT"):
            (501, .init(5, 4), "ORCPT is rfc822;ADDRESS in printable xtext, at most 500 characters, and stands once")
        case .badParameter("RET"): (501, .init(5, 4), "RET is FULL or HDRS, and stands once")
        case .badParameter("ENVID"):
            (501, .init(5, 4), "ENVID is 1 to 100 characters of printable xtext, and stands once")
        case .badParameter(let keyword): (501, .init(5, 4), "parameter \(keyword) is not well-formed or stands twice")
        }
    }

    private static func words(_ refusal: ExternalRefusal) -> (Int, EnhancedCode, String) {
        switch refusal {
        case .noCertificate: (535, .init(7, 8), "authentication failed: no client certificate was sent")
        case .unusable(let unusable):
            (535, .init(7, 8), sentence("authentication failed", CertificateFault(unusable)))
        // What the certificate leads to is between the server and its operator.
        case .unmapped, .notPermitted: (535, .init(7, 8), "authentication failed")
        case .ambiguous: (535, .init(7, 8), "authentication failed: name the account as authorization identity")
        case .disabled: (525, .init(7, 13), "account disabled")
        case .tlsBelowMinimum(let minimum):
            (534, .init(7, 9), "client certificates are accepted over TLS \(minimum.rawValue) and later only")
        case .revocationUnknown:
            (454, .init(7, 0), "whether the certificate was revoked cannot be told now; try again later")
        }
    }

    private static func sentence(_ start: String, _ fault: CertificateFault?) -> String {
        fault.map { "\(start): \($0)" } ?? start
    }

    private static func sentence(_ fault: DataDecoder.Fault) -> String {
        switch fault {
        case .bareCarriageReturn(let line): "line \(line) of the message holds a CR without LF; lines end in CRLF only"
        case .bareLineFeed(let line): "line \(line) of the message holds an LF without CR; lines end in CRLF only"
        case .lineTooLong(let line): "line \(line) of the message is too long"
        }
    }
}
