/// PLAIN (RFC 4616): one message, `[authzid] NUL authcid NUL password`.
public enum Plain {
    /// The server's half. Texts of any length are read: the line that carries them has the bound (at least 255 octets
    /// each must pass, §2).
    static func read(_ message: [UInt8]) throws(ExchangeFailure) -> PasswordCredentials {
        let texts = message.split(separator: 0, omittingEmptySubsequences: false)
        guard texts.count == 3 else { throw .wrongNumberOfNULs(texts.count - 1) }
        let authorizationIdentity: String?
        do throws(SASLPrep.Failure) {
            authorizationIdentity = texts[0].isEmpty ? nil : try SASLPrep.prepare(texts[0])
        } catch {
            throw .authorizationIdentity(error)
        }
        let authenticationIdentity: String
        do throws(SASLPrep.Failure) {
            authenticationIdentity = try SASLPrep.prepare(texts[1])
        } catch {
            throw .authenticationIdentity(error)
        }
        do throws(SASLPrep.Failure) {
            return PasswordCredentials(
                authorizationIdentity: authorizationIdentity,
                authenticationIdentity: authenticationIdentity,
                password: try Secret(preparing: texts[2])
            )
        } catch {
            throw .password(error)
        }
    }

    /// The client's half: the octets of its one message.
    public static func message(
        authorizationIdentity: String? = nil,
        authenticationIdentity: String,
        password: Secret
    ) throws(ExchangeFailure) -> [UInt8] {
        let name: String
        do throws(SASLPrep.Failure) {
            name = try SASLPrep.prepare(Array(authenticationIdentity.utf8))
        } catch {
            throw .authenticationIdentity(error)
        }
        return try External.message(authorizationIdentity: authorizationIdentity) + [0] + name.utf8 + [0]
            + password.octets
    }
}
