import Yams

/// One key of a section: how it is read, and what the example file says of it. The tables of settings are the only
/// place where keys stand; reading, the nearest known key and the example file all come from them.
struct Setting<Section>: Sendable {
    let name: String
    /// Lines of the example file.
    let documentation: String
    let isRequired: Bool
    /// The key that may stand instead, where this one is required.
    var substitute: String?
    let example: Example
    let read: @Sendable (Node, Reader, inout Section) -> Void

    /// How the example file shows the key.
    enum Example: Sendable {
        /// As it must be given: `key: text`.
        case given(String)
        /// Commented out, with what holds without it.
        case standard(String)
        /// A section of its own, by its lines.
        case section([String])
        /// Likewise, commented out: what holds without it.
        case standardSection([String])
    }
}

extension Setting {
    /// A setting whose default stands in the section: a value that is complete without it.
    static func optional<Value>(
        _ name: String,
        _ path: WritableKeyPath<Section, Value> & Sendable,
        _ form: Form<Value>,
        in standard: Section,
        _ documentation: String
    ) -> Setting {
        let example = Example.standard(form.write(standard[keyPath: path]))
        return Setting(name: name, documentation: documentation, isRequired: false, example: example) {
            node, reader, section in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            section[keyPath: path] = value.value
        }
    }

    /// A setting that is kept with its place, nil where it is not given.
    static func located<Value>(
        _ name: String,
        _ path: WritableKeyPath<Section, Located<Value>?> & Sendable,
        _ form: Form<Value>,
        isRequired: Bool = false,
        _ example: Example,
        _ documentation: String
    ) -> Setting {
        Setting(name: name, documentation: documentation, isRequired: isRequired, example: example) {
            node, reader, section in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            section[keyPath: path] = value
        }
    }

    /// A list of values that are kept with their places.
    static func list<Value>(
        _ name: String,
        _ path: WritableKeyPath<Section, [Located<Value>]> & Sendable,
        _ form: Form<Value>,
        isRequired: Bool = false,
        _ example: Example,
        _ documentation: String
    ) -> Setting {
        Setting(name: name, documentation: documentation, isRequired: isRequired, example: example) {
            node, reader, section in
            guard let values = reader.values(of: node, key: name, as: form) else { return }
            section[keyPath: path] = values
        }
    }
}

extension Reader {
    /// Reads a map by a table of settings.
    /// - Parameters:
    ///   - name: what the section is called in messages: "tls", "listener 'submission'".
    ///   - location: of the section's key; what is missing is reported there.
    func read<Section>(
        _ node: Node,
        as settings: [Setting<Section>],
        named name: String,
        at location: SourceLocation,
        into section: inout Section
    ) {
        guard let entries = entries(of: node, key: name) else { return }
        let known = settings.map(\.name)
        // Keys that are there, or were meant: one slip shall not be reported as an unknown key and a missing one.
        var present: Set<String> = []
        for (key, value) in entries {
            if let setting = settings.first(where: { $0.name == key.value }) {
                present.insert(setting.name)
                setting.read(value, self, &section)
            } else {
                let nearest = nearestKey(to: key.value, among: known)
                if let nearest { present.insert(nearest) }
                report(.unknownKey(key.value, nearest: nearest, known: known), at: key.location)
            }
        }
        for (key, value) in repeatedEntries(of: node) {
            var discarded = section
            settings.first { $0.name == key.value }?.read(value, self, &discarded)
        }
        for setting in settings where setting.isRequired && !present.contains(setting.name) {
            if let substitute = setting.substitute, present.contains(substitute) { continue }
            report(.missingKey(setting.name, section: name), at: location)
        }
    }
}
