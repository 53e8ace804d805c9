package import PosternMail

extension Timestamp {
    /// Test certificates are good from here, …
    package static let testStart = Timestamp(seconds: 1_767_225_600)  // 2026-01-01
    /// … are looked at here, …
    package static let testNow = Timestamp(seconds: 1_780_272_000)  // 2026-06-01
    /// … and are good until here.
    package static let testEnd = Timestamp(seconds: 1_798_761_600)  // 2027-01-01

    package func adding(days: Int) -> Timestamp { self + .seconds(days * 86_400) }
}
