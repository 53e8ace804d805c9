/// Whether the process does its work, asked by whoever starts it anew (`/live`) and whoever sends clients to it (`/ready`).
public struct Health: Sendable {
    public struct Check: Hashable, Sendable {
        /// One word.
        public let name: String
        public let isPassing: Bool
        /// What was found.
        public let detail: String

        public init(_ name: String, _ isPassing: Bool, _ detail: String) {
            self.name = name
            self.isPassing = isPassing
            self.detail = detail
        }
    }

    public let live: @Sendable () -> [Check]
    public let ready: @Sendable () -> [Check]

    public init(live: @escaping @Sendable () -> [Check], ready: @escaping @Sendable () -> [Check]) {
        self.live = live
        self.ready = ready
    }
}
