/// What must be free on a disk.
public enum DiskReserve: Sendable, Equatable {
    /// By the largest message and the size of the disk.
    case automatic
    case octets(Int)
}

extension Form where Value == DiskReserve {
    static var diskReserve: Form {
        let size = Form<Int>.size(0...(1 << 50))
        return Form(expected: "automatic, or \(size.expected)") { text, folder throws(Refusal) in
            guard text != "automatic" else { return .automatic }
            do throws(Form<Int>.Refusal) {
                return .octets(try size.parse(text, folder))
            } catch {
                throw Refusal(advice: error.advice)
            }
        } write: {
            switch $0 {
            case .automatic: "automatic"
            case .octets(let octets): size.write(octets)
            }
        }
    }
}
