import PosternConnection
import PosternMail

/// The arguments of options, each read once.
enum OptionValues {
    static func notify(_ value: String, _ option: String) throws(ArgumentsError) -> Notify? {
        if value == "off" { return nil }
        guard let notify = Notify(value.utf8) else {
            throw .badArgument(
                option: option, value: value, expected: "never, or some of success,failure,delay with commas")
        }
        return notify
    }

    static func returnedContent(_ value: String, _ option: String) throws(ArgumentsError) -> ReturnedContent? {
        switch value.asciiLowercased {
        case "off": return nil
        case "hdrs", "headers": return .header
        case "full": return .whole
        default: throw .badArgument(option: option, value: value, expected: "hdrs or full")
        }
    }

    static func envelopeID(_ value: String, _ option: String) throws(ArgumentsError) -> EnvelopeID {
        guard let id = EnvelopeID(xtext: Xtext.encode(value.utf8)) else {
            throw .badArgument(option: option, value: value, expected: "at most 100 visible characters")
        }
        return id
    }

    static func body(_ value: String, _ option: String) throws(ArgumentsError) -> Envelope.Body {
        switch value.asciiLowercased {
        case "7bit": return .sevenBit
        case "8bitmime": return .eightBit
        default: throw .badArgument(option: option, value: value, expected: "7BIT or 8BITMIME")
        }
    }

    /// `-b`: what a program called sendmail is to be.
    static func mode(_ value: String, _ option: String) throws(ArgumentsError) -> SendArguments.Errand {
        switch value {
        case "m": return .send
        case "s": return .serveStandardInput
        case "p": return .listSpool
        case "i": return .checkAliases
        case "v": return .explain
        case "d", "D", "l": throw .notDone(option: "-b\(value)", instead: "postern serve is the server")
        default: throw .badArgument(option: option, value: value, expected: "m, s, p, v or i")
        }
    }

    /// `-o`: options of sendmail from before they had names. Two of them mean something here; mail programs write many.
    static func old(_ value: String, _ arguments: inout SendArguments) {
        switch value {
        case "i", "itrue": arguments.ignoresDots = true
        case "t": arguments.readsRecipients = true
        case _ where value.hasPrefix("A") && value.count > 1:
            arguments.settings.append(.init("aliases", String(value.dropFirst()), option: "-oA"))
        default: break
        }
    }

    /// What stands behind `-q`: an interval, which a program that ends cannot keep, or which messages are meant.
    static func selection(_ value: String, _ option: String) throws(ArgumentsError) -> SpoolSelection {
        let rest = String(value.dropFirst())
        switch value.first {
        case "I" where !rest.isEmpty: return SpoolSelection(id: rest)
        case "R" where !rest.isEmpty: return SpoolSelection(recipient: rest)
        case "S" where !rest.isEmpty: return SpoolSelection(sender: rest)
        case nil: return .all
        case _ where value.utf8.allSatisfy({ $0.isASCIIDigit || $0.isASCIILetter }) && value.first?.isNumber == true:
            return .all
        default:
            throw .badArgument(option: option, value: value, expected: "nothing, or Iid, Rrecipient or Ssender")
        }
    }

    /// `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`.
    static func server(
        _ value: String, _ option: String, _ arguments: inout SendArguments
    ) throws(ArgumentsError) {
        guard let server = ServerAddress(value) else {
            throw .badArgument(
                option: option, value: value, expected: "mail.example.org, mail.example.org:587 or [2001:db8::1]:465")
        }
        arguments.settings.append(.init("host", server.host, option: option))
        if let port = server.port { arguments.settings.append(.init("port", String(port), option: option)) }
    }
}
