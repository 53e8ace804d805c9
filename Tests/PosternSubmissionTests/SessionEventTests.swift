import NIOCore
import PosternIdentity
import PosternMail
import PosternSubmission
import PosternSubmissionHarness
import Testing

/// What a session tells the operator.
@Suite("What a session logs")
struct SessionEventTests {
    private func shell(_ scenario: Scenario, _ text: String = "") throws -> PureShell {
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        if scenario.listener.tls == .startTLS { shell.receive("STARTTLS\r\n") }
        try shell.establishTLS()
        shell.receive("EHLO client.example.org\r\n" + text)
        return shell
    }

    private func records(_ shell: PureShell) -> [AuthenticationRecord] {
        shell.events.compactMap { event in
            switch event {
            case .authenticated(let record), .authenticationRefused(let record): record
            default: nil
            }
        }
    }

    @Test("SUB-105: AUTH EXTERNAL is recorded with policy, account, certificate and who was claimed")
    func external() throws {
        let record = try #require(
            records(shell(Scenario(.explicit, .implicit, .alice), "AUTH EXTERNAL YWxpY2U=\r\n")).first)
        #expect(record.sequence == .external)
        #expect(record.mechanism == "EXTERNAL")
        #expect(record.policy == .explicit)
        #expect(record.account == "alice")
        #expect(record.claimed == "alice")
        #expect(record.reason == nil)
        #expect(record.certificate?.state == .mapped)
        let facts = try #require(record.certificate?.facts)
        #expect(facts.subject == "CN=Alice's laptop")
        #expect(facts.issuer == "CN=Devices of example.org")
        #expect(!facts.serial.isEmpty)
        #expect(facts.keyFingerprint.description.hasPrefix("sha256:"))
    }

    @Test("SUB-105: the implicit authentication is recorded once, at the first MAIL")
    func implicit() throws {
        let mail = "MAIL FROM:<alice@example.org>\r\nRSET\r\n"
        let records = try records(shell(Scenario(.both, .startTLS, .alice), mail + mail))
        #expect(records.count == 1)
        #expect(records.first?.sequence == .implicit)
        #expect(records.first?.mechanism == nil)
        #expect(records.first?.account == "alice")
    }

    @Test(
        "SUB-105: a refusal is recorded with its reason",
        arguments: [
            (ClientCertificate.expired, "unusable", CertificateSummary.State.unusable),
            (.nobody, "unmapped", .unmapped),
            (.twoAccounts, "ambiguous", .ambiguous), (.carol, "disabled", .mapped),
        ])
    func refusals(_ certificate: ClientCertificate, _ reason: String, _ state: CertificateSummary.State) throws {
        let commands = "MAIL FROM:<alice@example.org>\r\nAUTH EXTERNAL =\r\n"
        let records = try records(shell(Scenario(.both, .implicit, certificate), commands))
        #expect(records.map(\.sequence) == [.implicit, .external])
        #expect(records.map(\.reason) == [reason, reason])
        #expect(records.allSatisfy { $0.certificate?.state == state })
        if certificate == .expired { #expect(records.first?.certificate?.findings == ["validity"]) }
    }

    @Test(
        "A good certificate is recorded with what it was looked up by, and why that leads to nobody or to several",
        arguments: [
            (ClientCertificate.alice, [MappingFinding.Result.account("alice")]), (.nobody, [.nobody]),
            (.noNames, []), (.twoAccounts, [.account("alice"), .account("bob")]),
            (.pinAgainstName, [.account("dave"), .account("alice")]), (.pinned, [.account("dave")]), (.expired, []),
        ])
    func mapping(_ certificate: ClientCertificate, _ results: [MappingFinding.Result]) throws {
        let records = try records(shell(Scenario(.both, .implicit, certificate), "AUTH EXTERNAL =\r\n"))
        #expect(records.first?.certificate?.mapping.map(\.result) == results)
    }

    @Test("A certificate outside its authority's grant is recorded with that authority")
    func outsideGrant() throws {
        let records = try records(shell(Scenario(.both, .implicit, .outsideGrant), "AUTH EXTERNAL =\r\n"))
        let finding = try #require(records.first?.certificate?.mapping.first)
        #expect(finding.rule == .rfc822Name)
        #expect(finding.subject == "alice@example.org")
        guard case .outsideGrant(let authority) = finding.result else {
            Issue.record("\(finding)")
            return
        }
        #expect(authority.contains("Devices of a neighbour"))
    }

    @Test(
        "A list that is out of date is recorded, whether it stands in the way or not; a fresh one is nothing to tell",
        arguments: [
            (Identities.Lists.fresh, nil, 0), (.stale, "revocation-unknown", 1), (.staleSoft, nil, 1),
        ] as [(Identities.Lists, String?, Int)])
    func staleList(_ lists: Identities.Lists, _ reason: String?, _ warnings: Int) throws {
        var scenario = Scenario(.both, .implicit, .alice)
        scenario.identities.lists = lists
        let record = try #require(records(shell(scenario, "AUTH EXTERNAL =\r\n")).first)
        #expect(record.reason == reason)
        #expect(record.certificate?.warnings.count == warnings)
        #expect(
            record.certificate?.warnings.allSatisfy { $0.contains("Devices of example.org was good until") } == true)
    }

    @Test("A client without a certificate that just says MAIL has not tried to authenticate")
    func nothingTried() throws {
        #expect(try records(shell(Scenario(.both, .implicit), "MAIL FROM:<alice@example.org>\r\n")).isEmpty)
    }

    @Test("A password login is recorded with what the client claimed, and never with the password")
    func password() throws {
        let shell = try shell(
            Scenario(.both, .implicit), "AUTH PLAIN AGFsaWNlAHdyb25n\r\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n")
        let records = records(shell)
        #expect(records.map(\.reason) == ["wrong-password", nil])
        #expect(records.map(\.claimed) == ["alice", "alice"])
        #expect(records.map(\.mechanism) == ["PLAIN", "PLAIN"])
        let told = "\(shell.events)"
        #expect(!told.contains("wonderland"))
        #expect(!told.contains("AGFsaWNlAHdvbmRlcmxhbmQ"))
        #expect(!told.contains("\"wrong\""))
    }

    @Test("The handshake is recorded with its version and the certificate's state")
    func secured() throws {
        let events = try shell(Scenario(.both, .implicit, .alice)).events
        guard case .secured(.v13, let summary, _) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        #expect(summary?.state == .mapped)
        guard case .secured(.v13, nil, _) = try #require(try shell(Scenario(.both, .implicit)).events.first) else {
            Issue.record("a summary of no certificate")
            return
        }
    }

    @Test(
        "SUB-039: octets behind STARTTLS are recorded, wherever they are cut; after the 220 as well, and none is a command"
    )
    func injection() throws {
        let text = Array("EHLO x\r\nSTARTTLS\r\nRSET\r\nNOOP\r\n".utf8)
        let end = text.count - "RSET\r\nNOOP\r\n".utf8.count
        for place in 1..<text.count {
            var shell = try PureShell(Scenario(.both, .startTLS, .alice))
            shell.receive(.connected)
            shell.receive(text[..<place])
            if !shell.isClosed { shell.receive(text[place...]) }
            #expect(shell.isClosed)
            #expect(shell.wantsTLS == (place == end))
            let counts = shell.events.compactMap { event -> Int? in
                if case .octetsBehindStartTLS(let count) = event { count } else { nil }
            }
            #expect(counts == [place > end ? place - end : text.count - end])
            #expect(shell.replies.filter { $0.code == 220 }.count == (place == end ? 2 : 1))
            #expect(shell.replies.count == (place == end ? 3 : 2))
            try shell.establishTLS()
            #expect(shell.replies.count == (place == end ? 3 : 2))
        }
    }

    @Test(
        "A handshake that does not come to its end is recorded with the time it had, once", arguments: TLSMode.allCases)
    func handshakeTimeout(_ listener: TLSMode) throws {
        var scenario = Scenario(.both, listener)
        scenario.limits.handshake = .seconds(7)
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        if listener == .startTLS { shell.receive("STARTTLS\r\n") }
        shell.now.monotonic += .seconds(6)
        shell.receive(.tick)
        #expect(shell.events.isEmpty)
        shell.now.monotonic += .seconds(1)
        shell.receive(.tick)
        #expect(shell.isClosed)
        shell.receive(.closed)
        #expect(shell.events == [.handshakeTimedOut(after: .seconds(7))])
    }

    @Test("What is not SMTP, and clients' faults, are named")
    func oddities() throws {
        var shell = try PureShell(Scenario(.both, .startTLS))
        shell.receive(.connected)
        shell.receive([0x16, 0x03, 0x01])
        #expect(shell.events.first == .tlsOnClearPort)
        shell = try PureShell(Scenario(.both, .startTLS))
        shell.receive(.connected)
        shell.receive("GET / HTTP/1.1\r\n")
        #expect(shell.events.first == .anotherProtocol)
        shell = try self.shell(Scenario(.both, .implicit, .alice), "AUTH EXTERNAL\r\nMAIL FROM:<alice@example.org>\r\n")
        #expect(shell.events.contains(.clientFault(.commandInsteadOfResponse)))
        shell.receive("MAIL FROM:<alice@example.org>\r\n")
        shell.receive(.closed)
        #expect(shell.events.last == .closedByClient(inTransaction: true))
    }

    @Test("SUB-141: a message whose client went before its 250 is kept, and the log knows of it")
    func goneBeforeTheReply() throws {
        var shell = try shell(Scenario(.both, .implicit, .alice))
        shell.receive("MAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n")
        shell.answers = .held
        shell.receive(".\r\n")
        shell.receive(.closed)
        #expect(shell.session.isClosed)
        let replies = shell.replies.count
        shell.receive(.stored)
        #expect(shell.replies.count == replies)
        guard case .accepted(let submission) = try #require(shell.events.last) else {
            Issue.record("\(shell.events)")
            return
        }
        #expect(submission.id == .test(1))
    }

    @Test("Who ended a connection is told apart, and a message that is being stored then is not lost from the log")
    func cutOff() throws {
        let transaction = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n"
        var shell = try shell(Scenario(.both, .implicit, .alice), transaction)
        shell.receive(.drain)
        shell.receive(.cutOff)
        // The channel's end, which follows, is nobody's news.
        shell.receive(.closed)
        #expect(shell.isClosed && !shell.hasBody)
        #expect(shell.events.last == .cutOff(inTransaction: true))

        shell = try self.shell(Scenario(.both, .implicit, .alice), transaction)
        shell.answers = .held
        shell.receive(".\r\n")
        shell.receive(.drain)
        shell.receive(.cutOff)
        shell.receive(.closed)
        shell.receive(.stored)
        guard case .accepted = try #require(shell.events.last) else {
            Issue.record("\(shell.events)")
            return
        }
        #expect(shell.events.contains(.cutOff(inTransaction: true)))
    }

    @Test("SUB-140: the 250 comes after the answer that the message is stored, and not before")
    func storedFirst() throws {
        var shell = try shell(Scenario(.both, .implicit, .alice))
        shell.receive("MAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\nDATA\r\n")
        shell.answers = .held
        let replies = shell.replies.count
        shell.receive("Subject: x\r\n.\r\n")
        #expect(shell.session.isWaiting)
        #expect(shell.replies.count == replies)
        shell.receive(.stored)
        #expect(shell.replies.count == replies + 1)
        #expect(shell.replies.last?.code == 250)
    }
}
