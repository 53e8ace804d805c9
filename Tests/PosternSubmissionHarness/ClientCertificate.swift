/// The certificates that clients of the tests show, by the name that a transcript gives them.
package enum ClientCertificate: String, Hashable, Sendable, CaseIterable {
    /// N: none is sent.
    case none

    // U: all of them name alice.
    case expired
    case notYetValid = "not yet valid"
    case otherIssuer = "other issuer"
    case noClientAuth = "no clientAuth"
    case weakKey = "weak key"
    case revoked
    case garbage

    // T: good, and nobody's here.
    case nobody
    /// Names alice, from an authority that does not speak for her domain.
    case outsideGrant = "outside grant"
    case noNames = "no names"
    case wrongCase = "local-part in another case"
    case nulInName = "NUL in name"
    case lineEndInName = "line end in name"

    /// Alice's and bob's addresses in one.
    case twoAccounts = "two accounts"
    /// Alice's, and carol's, whose account is disabled.
    case withDisabled = "alice and carol"
    /// Dave's key, alice's address.
    case pinAgainstName = "pinned key and another's name"

    // M.
    case alice
    /// Alice's address, bob's name as common name.
    case aliceNamedBob = "alice named bob"
    /// Another of alice's addresses.
    case alias = "alias of alice"
    case bob
    /// Of a disabled account.
    case carol
    /// Self-signed; the key is dave's.
    case pinned
    case pinnedExpired = "pinned but expired"
}
