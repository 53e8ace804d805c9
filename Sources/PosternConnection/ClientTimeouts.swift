/// How long a client waits (RFC 5321 §4.5.3.2).
public struct ClientTimeouts: Hashable, Sendable {
    /// For the connection to be there. RFC 5321 leaves it to the system, whose two minutes are long.
    public var connection = Duration.seconds(30)
    /// For the TLS handshake.
    public var handshake = Duration.seconds(60)
    /// For the handshake to go on once the server has asked for a certificate: somebody may have to type a PIN.
    public var certificate = Duration.seconds(180)
    public var greeting = Duration.seconds(300)
    /// For EHLO, HELO, LHLO, STARTTLS, AUTH and RSET, of which the RFC does not speak.
    public var hello = Duration.seconds(300)
    public var mail = Duration.seconds(300)
    public var recipient = Duration.seconds(300)
    public var data = Duration.seconds(120)
    /// For one piece of the content to go out.
    public var block = Duration.seconds(180)
    public var endOfData = Duration.seconds(600)
    /// For QUIT, whose answer changes nothing.
    public var quit = Duration.seconds(5)

    public init() {}

    /// For the answer to a step.
    public func time(for step: ClientStep) -> Duration {
        switch step {
        case .connection: connection
        case .handshake: handshake
        case .greeting: greeting
        case .ehlo, .helo, .lhlo, .startTLS, .authentication, .reset: hello
        case .mail: mail
        case .recipient: recipient
        case .data: data
        case .content: block
        case .endOfData: endOfData
        case .quit: quit
        }
    }
}
