/// EXTERNAL (RFC 4422, Appendix A): one message, the authorization identity or nothing.
public enum External {
    /// The server's half: nil for an empty message, else the authorization identity, prepared. NUL and invalid UTF-8
    /// are refused (A.1), and so is a text of which preparation leaves nothing.
    static func read(_ message: [UInt8]) throws(ExchangeFailure) -> String? {
        guard !message.isEmpty else { return nil }
        do throws(SASLPrep.Failure) {
            return try SASLPrep.prepare(message)
        } catch {
            throw .authorizationIdentity(error)
        }
    }

    /// The client's half: the octets of its one message.
    /// - Parameter authorizationIdentity: as whom to act; nil to let the server derive it from the certificate.
    public static func message(authorizationIdentity: String? = nil) throws(ExchangeFailure) -> [UInt8] {
        guard let authorizationIdentity else { return [] }
        do throws(SASLPrep.Failure) {
            return Array(try SASLPrep.prepare(Array(authorizationIdentity.utf8)).utf8)
        } catch {
            throw .authorizationIdentity(error)
        }
    }
}
