import Glibc
import NIOCore
import PosternMail
import PosternQueue

/// Writes one message as programs on Unix read it: lines end with LF alone, and the reverse-path stands in front.
///
/// This is the final delivery of RFC 5321 §4.4, the one place where a Return-Path line is added.
enum MaildirFile {
    /// Makes the file, which must lie in `tmp`, with its octets on stable storage.
    static func write(_ message: QueuedMessage, _ body: StoredBody, to path: String) throws(MaildirTree.Failure) {
        let descriptor: Int32
        do throws(StorageFault) {
            // What a crash has left there is the same message, unfinished.
            try FileSystem.remove(path)
            descriptor = try FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        } catch {
            throw .storage(error)
        }
        do throws(MaildirTree.Failure) {
            try copy(message, body, to: descriptor, path: path)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        do throws(StorageFault) {
            try FileSystem.close(descriptor, path: path)
        } catch {
            throw .storage(error)
        }
    }

    private static func copy(
        _ message: QueuedMessage, _ body: StoredBody, to descriptor: Int32, path: String
    ) throws(MaildirTree.Failure) {
        var reader: BodyReader
        do throws(QueueError) {
            reader = try body.reader()
        } catch {
            throw .body(error)
        }
        var converter = LineEndConverter()
        try write(ByteBuffer(string: "Return-Path: \(message.reversePath)\n"), to: descriptor, path: path)
        while let piece = try next(&reader) {
            try write(converter.convert(piece), to: descriptor, path: path)
        }
        try write(converter.finish(), to: descriptor, path: path)
        do throws(StorageFault) {
            try FileSystem.sync(descriptor, path: path)
        } catch {
            throw .storage(error)
        }
    }

    private static func next(_ reader: inout BodyReader) throws(MaildirTree.Failure) -> ByteBuffer? {
        do throws(QueueError) {
            return try reader.next()
        } catch {
            throw .body(error)
        }
    }

    private static func write(
        _ octets: ByteBuffer, to descriptor: Int32, path: String
    ) throws(MaildirTree.Failure) {
        do throws(StorageFault) {
            try FileSystem.write(octets, to: descriptor, path: path)
        } catch {
            throw .storage(error)
        }
    }
}
