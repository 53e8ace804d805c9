import Glibc
import NIOCore
import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Route maildir")
struct MaildirRouteTests {
    private let folder: ScratchFolder
    private var path: String { folder.path + "/mail" }
    private var bob: String { path + "/bob@example.net" }
    private let text = "Received: by x\r\nSubject: y\r\n\r\nHello\r\n.dot\r\n"

    init() throws {
        folder = try ScratchFolder()
    }

    private func files(_ part: String) throws -> [String] { try FileSystem.names(in: "\(bob)/\(part)") }

    @Test("does what every route must do")
    func conforms() async throws {
        try await RouteConformance.check { MaildirRoute(path: path) }
    }

    @Test("SUB-158: the message is in new, with one Return-Path in front and LF line ends; tmp is empty")
    func content() async throws {
        let outcomes = await MaildirRoute(path: path).deliver(.sample(1), body: DeliveryBody(text))
        let file = "\(bob)/new/1800000001.\(QueueID.sample(1)).postern"
        #expect(outcomes == [.delivered(to: file)])
        #expect(
            FileSystem.text(of: file)
                == "Return-Path: <alice@example.org>\nReceived: by x\nSubject: y\n\nHello\n.dot\n")
        #expect(try files("tmp") == [])
        #expect(try files("cur") == [])
    }

    @Test("SUB-199: a null reverse-path stays null")
    func nullReversePath() async throws {
        _ = await MaildirRoute(path: path).deliver(.sample(1, from: nil), body: DeliveryBody(text))
        let file = try #require(try files("new").first)
        #expect(FileSystem.text(of: "\(bob)/new/\(file)")?.hasPrefix("Return-Path: <>\n") == true)
    }

    @Test("each recipient has a Maildir of its own, whatever the address says")
    func recipients() async throws {
        let recipients = ["bob@example.net", "Bob@example.net", #""../../x"@example.net"#, "a@[192.0.2.1]"]
        let outcomes = await MaildirRoute(path: path).deliver(.sample(1, to: recipients), body: DeliveryBody(text))
        #expect(outcomes.filter(\.isDelivered).count == 4)
        #expect(try FileSystem.names(in: path).count == 4)
        #expect(try FileSystem.names(in: folder.path) == ["mail"])
    }

    @Test("an attempt after a crash finds what the earlier one delivered: new, read or flagged")
    func noDuplicate() async throws {
        let route = MaildirRoute(path: path)
        _ = await route.deliver(.sample(1), body: DeliveryBody(text))
        let name = try #require(try files("new").first)
        #expect(
            await route.deliver(.sample(1, attempt: 2), body: DeliveryBody(text))
                == [.delivered(to: "\(bob)/new/\(name)")])
        #expect(try files("new") == [name])
        try FileSystem.rename("\(bob)/new/\(name)", to: "\(bob)/cur/\(name):2,S")
        #expect(
            await route.deliver(.sample(1, attempt: 3), body: DeliveryBody(text))
                == [.delivered(to: "\(bob)/cur/\(name):2,S")])
        #expect(try files("new") == [])
        // The negative control: another message is delivered.
        _ = await route.deliver(.sample(2, attempt: 3), body: DeliveryBody(text))
        #expect(try files("new").count == 1)
    }

    @Test("what a crash left in tmp is replaced")
    func leftover() async throws {
        let route = MaildirRoute(path: path)
        _ = await route.deliver(.sample(1), body: DeliveryBody(text))
        let name = MaildirName.file(id: .sample(2), received: .after(2))
        let descriptor = try FileSystem.open("\(bob)/tmp/\(name)", O_WRONLY | O_CREAT)
        try FileSystem.close(descriptor, path: name)
        #expect(await route.deliver(.sample(2, attempt: 2), body: DeliveryBody(text)).map(\.isDelivered) == [true])
        #expect(try files("tmp") == [])
        #expect(FileSystem.text(of: "\(bob)/new/\(name)")?.hasSuffix(".dot\n") == true)
    }

    @Test("a message that cannot be written is deferred, with what to do, and leaves nothing in tmp")
    func cannotWrite() async throws {
        let missing = folder.path + "/no/mail"
        let failure = await MaildirRoute(path: missing).deliver(.sample(1), body: DeliveryBody(text)).first?.failure
        #expect(
            failure?.description
                == "4.3.5 mkdir \(missing): No such file or directory (2); make the parent folder, or correct the path of the next hop"
        )
        // A folder stands where the file should.
        let route = MaildirRoute(path: path)
        _ = await route.deliver(.sample(1), body: DeliveryBody(text))
        let name = MaildirName.file(id: .sample(2), received: .after(2))
        #expect(try FileSystem.makeFolder("\(bob)/new/\(name)"))
        let outcomes = await route.deliver(.sample(2), body: DeliveryBody(text))
        #expect(outcomes.first?.failure?.code == "4.3.0")
        #expect(try files("tmp") == [])
    }

    @Test("a Maildir that somebody removed is made again by the next attempt")
    func removedWhileRunning() async throws {
        let route = MaildirRoute(path: path)
        _ = await route.deliver(.sample(1), body: DeliveryBody(text))
        ScratchFolder.remove(bob)
        let first = await route.deliver(.sample(2), body: DeliveryBody(text))
        guard case .deferred? = first.first else {
            Issue.record("expected a deferral, not \(first)")
            return
        }
        #expect(await route.deliver(.sample(2, attempt: 2), body: DeliveryBody(text)).map(\.isDelivered) == [true])
    }

    @Test("a body that cannot be read defers the recipients, and no part of it is delivered")
    func unreadableBody() async throws {
        let lost = DeliveryBody { () throws(QueueError) in throw .claimLost(.sample(1)) }
        let claim = Claim.sample(1, to: ["bob@example.net", "eve@example.net"])
        #expect(
            await MaildirRoute(path: path).deliver(claim, body: lost).compactMap(\.failure?.code) == ["4.3.0", "4.3.0"])

        let short = folder.path + "/short"
        let descriptor = try FileSystem.open(short, O_WRONLY | O_CREAT)
        try FileSystem.close(descriptor, path: short)
        let body = DeliveryBody { () throws(QueueError) in .file(id: .sample(1), path: short, length: 9) }
        #expect(await MaildirRoute(path: path).deliver(.sample(1), body: body).compactMap(\.failure?.code) == ["4.3.0"])
        #expect(try files("new") == [])
        #expect(try files("tmp") == [])
    }
}
