import CPosternCrypt

/// A hash of crypt(3): method, cost, salt and digest in one text.
struct CryptHash: Sendable, Hashable {
    /// The methods that are read. Older ones (DES, MD5, SHA-1) can be guessed too fast to be stored.
    private enum Method: String, CaseIterable {
        case yescrypt = "$y$"
        case sha512 = "$6$"
        case sha256 = "$5$"
        case bcrypt = "$2b$"
        // bcrypt by its earlier names: `2a` of many systems, `2y` of PHP and Apache's htpasswd.
        case bcryptA = "$2a$"
        case bcryptY = "$2y$"

        /// Characters of the digest at the end of the text.
        var digestCount: Int {
            switch self {
            case .yescrypt, .sha256: 43
            case .sha512: 86
            case .bcrypt, .bcryptA, .bcryptY: 31
            }
        }

        var isBcrypt: Bool {
            switch self {
            case .bcrypt, .bcryptA, .bcryptY: true
            case .yescrypt, .sha256, .sha512: false
            }
        }
    }

    let text: String
    private let method: Method

    init(_ text: String) throws(StoredPassword.ParsingFailure) {
        guard let method = Method.allCases.first(where: { text.hasPrefix($0.rawValue) }) else {
            throw .unknownCryptMethod(Self.prefix(of: text))
        }
        guard Self.hasShape(text, of: method) else { throw .malformedCrypt(method.rawValue) }
        self.text = text
        self.method = method
        // One login must not hold a worker for minutes: bcrypt doubles with each step (16: about 4 s).
        if let cost, cost > (method.isBcrypt ? 16 : 10_000_000) {
            throw .costOutOfRange(method: method.rawValue, cost: cost)
        }
    }

    private init(text: String, method: Method) {
        self.text = text
        self.method = method
    }

    /// Fails closed: where the system cannot hash, nothing matches.
    func matches(_ secret: Secret) -> Bool {
        let phrase = secret.octets.map { CChar(bitPattern: $0) } + [0]
        var output = [CChar](repeating: 0, count: 512)
        guard postern_crypt(phrase, text, &output, output.count) == 0 else { return false }
        let hash = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return isEqualInConstantTime(hash, Array(text.utf8))
    }

    var isWeak: Bool {
        guard let cost else { return false }
        return cost < (method.isBcrypt ? 10 : 5_000)
    }

    /// Same method, cost and salt with a digest that nothing gives: all zero bits, as hard to find as any other.
    var decoy: CryptHash {
        let digest = String(repeating: ".", count: method.digestCount)
        return CryptHash(text: text.dropLast(method.digestCount) + digest, method: method)
    }

    /// How long it takes, roughly (measured).
    var milliseconds: Double {
        switch method {
        case .sha256, .sha512: Double(cost ?? 5_000) * 0.0004
        case .bcrypt, .bcryptA, .bcryptY: Double(1 << min(cost ?? 0, 31)) * 0.05
        case .yescrypt: 60 * Double(sign: .plus, exponent: yescryptStep, significand: 1)
        }
    }

    /// How many times yescrypt's memory is doubled from the default `j9T`; the letter behind the first counts in crypt(3)'s
    /// alphabet.
    private var yescryptStep: Int {
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let letters = Array(text.utf8.dropFirst(3).prefix(2))
        guard letters.count == 2, let place = alphabet.firstIndex(of: letters[1]) else { return 0 }
        return place - 11
    }

    /// bcrypt's exponent or SHA-crypt's rounds where the text names them; nil where it does not. yescrypt packs its
    /// cost in an encoding of its own, and its least cost is no weakness.
    private var cost: Int? {
        let fields = text.split(separator: "$")
        switch method {
        case .yescrypt: return nil
        case .bcrypt, .bcryptA, .bcryptY: return Int(fields[1])
        case .sha256, .sha512:
            let rounds = "rounds="
            return fields[1].hasPrefix(rounds) ? Int(fields[1].dropFirst(rounds.count)) : nil
        }
    }

    private static func hasShape(_ text: String, of method: Method) -> Bool {
        let fields = text.dropFirst().split(separator: "$", omittingEmptySubsequences: false)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(":"), text.utf8.count < 400,
            let last = fields.last, fields.dropLast().allSatisfy({ !$0.isEmpty })
        else { return false }
        let digest = last.suffix(method.digestCount)
        guard digest.utf8.count == method.digestCount, digest.utf8.allSatisfy(isDigestOctet) else { return false }
        switch method {
        case .yescrypt:
            return fields.count == 4 && last.count == method.digestCount
        case .sha256, .sha512:
            let hasRounds = fields.count == 4 && fields[1].hasPrefix("rounds=") && Int(fields[1].dropFirst(7)) != nil
            return (fields.count == 3 || hasRounds) && last.count == method.digestCount
        case .bcrypt, .bcryptA, .bcryptY:
            // Two digits of cost; 22 characters of salt stand before the digest without a separator.
            return fields.count == 3 && fields[1].count == 2 && Int(fields[1]) != nil
                && last.count == 22 + method.digestCount
        }
    }

    private static func isDigestOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// What may be shown of an unknown hash: its method, no part of salt or digest.
    private static func prefix(of text: String) -> String {
        let name = text.dropFirst().prefix { $0 != "$" }
        return name.count <= 8 ? "$\(name)$" : "another"
    }
}
