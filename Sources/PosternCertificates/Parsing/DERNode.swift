import PosternMail
import SwiftASN1

/// Why octets are not the structure that they should be. The text says what was expected, in the words of the standard.
struct Malformation: Error, Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}

extension ASN1Node {
    /// The children of a SEQUENCE or SET, or of an explicit tag.
    func children(_ identifier: ASN1Identifier = .sequence, of name: StaticString) throws -> ASN1NodeCollection.Iterator
    {
        guard self.identifier == identifier, case .constructed(let nodes) = content else {
            throw Malformation("\(name) is not the structure that it should be")
        }
        return nodes.makeIterator()
    }

    /// The content octets of a primitive element.
    func octets(_ identifier: ASN1Identifier, of name: StaticString) throws -> ArraySlice<UInt8> {
        guard self.identifier == identifier, case .primitive(let octets) = content else {
            throw Malformation("\(name) is not the element that it should be")
        }
        return octets
    }

    /// The one child of an explicit tag.
    func explicitlyTagged(of name: StaticString) throws -> ASN1Node {
        guard case .constructed(let nodes) = content else { throw Malformation("\(name) is empty") }
        var children = nodes.makeIterator()
        guard let child = children.next(), children.next() == nil else {
            throw Malformation("\(name) does not hold exactly one element")
        }
        return child
    }

    /// A `Time` (RFC 5280 §4.1.2.5). A year beyond the range of `Timestamp` counts as its end: 9999 means "no end".
    func time(of name: StaticString) throws -> Timestamp {
        let date: CalendarDate?
        switch identifier {
        case .utcTime:
            let time = try UTCTime(derEncoded: self)
            date = CalendarDate(
                year: time.year, month: time.month, day: time.day,
                hour: time.hours, minute: time.minutes, second: time.seconds)
        case .generalizedTime:
            let time = try GeneralizedTime(derEncoded: self)
            guard time.rawFractionalSeconds.isEmpty else { throw Malformation("\(name) has fractions of a second") }
            date = CalendarDate(
                year: time.year, month: time.month, day: time.day,
                hour: time.hours, minute: time.minutes, second: time.seconds)
        default:
            throw Malformation("\(name) is neither UTCTime nor GeneralizedTime")
        }
        guard let date else { throw Malformation("\(name) is a date that the calendar does not have") }
        return date.timestamp
    }
}

extension ASN1Identifier {
    /// `[number]` of the structure at hand.
    static func tag(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

extension ASN1NodeCollection.Iterator {
    /// The next child, which the structure must have.
    mutating func required(_ name: StaticString) throws -> ASN1Node {
        guard let node = next() else { throw Malformation("\(name) is missing") }
        return node
    }

    /// The next child if it carries this tag; otherwise nothing is taken.
    mutating func optional(_ identifier: ASN1Identifier) -> ASN1Node? {
        var ahead = self
        guard let node = ahead.next(), node.identifier == identifier else { return nil }
        self = ahead
        return node
    }

    /// Throws if there are children left.
    mutating func end(of name: StaticString) throws {
        guard next() == nil else { throw Malformation("\(name) has elements that do not belong there") }
    }
}
