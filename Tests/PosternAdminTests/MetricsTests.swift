import Testing

@testable import PosternAdmin

@Suite("Metrics")
struct MetricsTests {
    @Test("the exposition has help, type and a line for each value, with labels in their order")
    func exposition() async {
        let logins = Counter("auth_total", "Logins.", labels: [("sequence", ["a", "b"]), ("result", ["ok", "no"])])
        logins.add(1, 0, 1)
        logins.add(2, 1, 0)
        let age = Measured("age_seconds", "Age.") { 1.5 }
        let nothing = Measured("none", "Nothing now.") { nil }
        let text = await MetricsRegistry([logins, age, nothing]).exposition()
        #expect(
            text == """
                # HELP auth_total Logins.
                # TYPE auth_total counter
                auth_total{sequence="a",result="ok"} 0
                auth_total{sequence="a",result="no"} 1
                auth_total{sequence="b",result="ok"} 2
                auth_total{sequence="b",result="no"} 0
                # HELP age_seconds Age.
                # TYPE age_seconds gauge
                age_seconds 1.5

                """)
    }

    @Test("a histogram's buckets add up, and its unit is that of its name")
    func histogram() async {
        let times = Histogram("x_seconds", "X.", bounds: [1_000, 10_000], divisor: 1e6)
        for value in [500, 1_000, 5_000, 20_000] { times.observe(value) }
        let lines = await MetricsRegistry([times]).exposition().split(separator: "\n").dropFirst(2)
        #expect(
            Array(lines) == [
                #"x_seconds_bucket{le="0.001"} 2"#, #"x_seconds_bucket{le="0.01"} 3"#,
                #"x_seconds_bucket{le="+Inf"} 4"#, "x_seconds_sum 0.0265", "x_seconds_count 4",
            ])
    }

    @Test("a place that a label does not have is not counted, and ends nothing")
    func outOfBounds() {
        let counter = Counter("x", "X.", labels: [("a", ["1", "2"])])
        for place in [-1, 2] { counter.add(1, place) }
        #expect(counter.total == 0)
    }

    @Test("the values of a label cannot break a line")
    func escaping() async {
        let counter = Counter("x", "X.", labels: [("a", ["\"\\\n"])])
        #expect(await MetricsRegistry([counter]).exposition().contains(#"x{a="\"\\\n"} 0"#))
    }
}
