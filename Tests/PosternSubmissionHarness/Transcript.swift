package import PosternIdentity
package import PosternSubmission

/// A dialogue as a text file: a heading that names clause and scenario, settings, then who says what.
///
/// ```
/// # RFC 4954 §4.1: what is shown, and which rows of the checklist (SUB-060)
/// policy: both, explicit            any of the policies, or `all`; the dialogue is the same under each
/// listener: starttls, implicit
/// certificate: alice                one or several names of `ClientCertificate`
///
/// OPEN:                             up to and with the handshake, by whichever way the listener has
/// C: EHLO client.example.org        the client's octets and CRLF
/// C! AUTH                           octets without a line end
/// C*3: NOOP {#}                     a line three times, counting from 1
/// S: 250 2.0.0 OK                   a line of the server's; likewise S*3
/// S: {ehlo EXTERNAL PLAIN}          the lines of EHLO's reply inside TLS; `{ehlo}` in clear
/// S: [closed]                       the server closes
/// TLS:                              the handshake
/// Q: <alice@example.org> for bob@example.net by alice (auth-external)
/// M: Received: from …               the lines of the message that was queued, all of them
/// -- drain                          something that happens: see `Happening`
/// ```
/// `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN` stand for octets, `{x*100}` for a hundred x, `{base64 \0alice\0pw}` for BASE64.
/// Between two of TLS, OPEN and `--` a client may send everything at once: that is how it is replayed, and in other
/// pieces as well.
package struct Transcript: Sendable {
    package let name: String
    /// The text behind `#`.
    package let heading: String
    package let scenarios: [Scenario]
    package let segments: [Segment]
    /// Whether it may be cut anywhere. One that shows what octets behind STARTTLS lead to may not.
    package let isCut: Bool

    /// What a client may send without waiting, and what comes back.
    package struct Segment: Sendable {
        package var happening = Happening.connect
        package var octets: [UInt8] = []
        package var replies: [String] = []
        package var messages: [ExpectedMessage] = []
    }

    package struct ExpectedMessage: Equatable, Sendable {
        package let summary: String
        package var lines: [String]?
    }
}

/// What happens in a dialogue besides that octets come.
package enum Happening: Sendable {
    case connect
    case tls
    case open
    /// `wait 300`: seconds pass, and a tick comes.
    case wait(seconds: Int)
    /// `date 40`: so many days pass on the wall's clock alone.
    case date(days: Int)
    case drain
    case clientCloses
    /// `disable alice`, `remove alice`.
    case disable(String)
    case remove(String)
    /// `revoke alice`: the certificate of that name.
    case revoke(ClientCertificate)
    case lists(Identities.Lists)
    /// `move alice@example.org bob`.
    case move(address: String, to: String)
    /// `storage full`, `storage broken`, `storage works`.
    case storage(StorageFailure?)
    /// `workers busy`, `workers free`; `guesses too many`, `guesses at the account`, `guesses few`.
    case passwords(PasswordObstacle?)
    /// `memory full`, `memory free`.
    case memory(isFree: Bool)
    /// `room none`, `room again`: on the disk.
    case room(isThere: Bool)
    /// `stress begins`, `stress ends`.
    case stress(begins: Bool)
    /// `tls 1.2`: over which version the handshakes that follow are.
    case version(TLSVersion)
}
