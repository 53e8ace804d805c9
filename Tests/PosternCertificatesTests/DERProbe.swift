import PosternMail
import SwiftASN1

@testable import PosternCertificates

/// Reads single elements as the parser does.
enum DERProbe {
    static func time(_ der: [UInt8]) throws -> Timestamp { try DER.parse(der).time(of: "time") }
    static func name(_ der: [UInt8]) throws -> Name { try Name(DER.parse(der), of: "name") }
}
