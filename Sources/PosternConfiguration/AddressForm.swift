#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Form where Value == String {
    /// An address of the host, as numbers: names would be looked up at every start, and could change.
    static var address: Form {
        Form(expected: "an IPv4 or IPv6 address") { text, _ throws(Refusal) in
            if isAddress(text) { return text }
            switch text {
            case "localhost": throw Refusal(advice: "write 127.0.0.1 or \"::1\"")
            case "*": throw Refusal(advice: "leave 'address' out to listen on all addresses")
            default: throw Refusal(advice: text.hasPrefix("[") ? "write it without brackets" : nil)
            }
        } write: {
            $0
        }
    }

    static func isAddress(_ text: String) -> Bool {
        isAddress(text, family: AF_INET, octets: 4) || isAddress(text, family: AF_INET6, octets: 16)
    }

    private static func isAddress(_ text: String, family: Int32, octets: Int) -> Bool {
        var address = [UInt8](repeating: 0, count: octets)
        return inet_pton(family, text, &address) == 1
    }
}
