import PosternSubmissionHarness
import Testing

/// Every cell of the policy tables, on both listeners.
@Suite("Policy matrix")
struct PolicyMatrixTests {
    @Test(
        """
        Each state of a certificate, course of a client and policy gets the answer of the policy tables \
        (SUB-041, SUB-044, SUB-045, SUB-056, SUB-060, SUB-061, SUB-070, SUB-071, SUB-076, SUB-083, SUB-084, \
        SUB-085, SUB-086, SUB-087, SUB-088, SUB-089, SUB-090, SUB-092, SUB-093, SUB-094, SUB-095, SUB-096, \
        SUB-097, SUB-098, SUB-100, SUB-101, SUB-103, SUB-125, SUB-126, SUB-128, SUB-129, SUB-133)
        """,
        arguments: try PolicyMatrix.shared.get().rows)
    func row(_ row: PolicyMatrix.Row) throws {
        for cell in row.cells {
            let outcomes = try cell.play()
            if outcomes != cell.expected {
                Issue.record("\(cell.scenario.words): expected \(cell.expected), came \(outcomes)")
            }
        }
    }

    @Test("The matrix holds every policy, both listeners and every state, and each of its rows has cells")
    func completeness() throws {
        let rows = try PolicyMatrix.shared.get().rows
        let cells = rows.flatMap(\.cells)
        #expect(Set(cells.map(\.policy)).count == 5)
        #expect(Set(cells.map(\.listener)).count == 2)
        #expect(Set(rows.map(\.state)) == Set(PolicyMatrix.State.allCases))
        #expect(rows.allSatisfy { !$0.cells.isEmpty })
        let states: [PolicyMatrix.State] = [.none, .unusable, .unmapped, .ambiguous, .mapped]
        let courses = ["EHLO", "a", "a0", "b", "c", "d", "e d with", "f dv with", "g"]
        for state in states {
            for course in courses {
                #expect(rows.contains { $0.state == state && $0.course == course }, "\(state.rawValue) \(course)")
            }
        }
    }
}

extension PolicyMatrix.Row: CustomTestStringConvertible {
    public var testDescription: String { "line \(line): \(state.rawValue) | \(course)" }
}
