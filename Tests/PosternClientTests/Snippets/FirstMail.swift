// The code of the pages of PosternClient: what stands between BEGIN and END is in one of them, word by word (SnippetTests).

// BEGIN first-mail
import Logging
import PosternClient

func sendTheFirst() async throws {
    var configuration = SubmissionConfiguration(host: "mail.example.org", hostname: "app.example.org")
    configuration.login = try .init(name: "app", password: Secret(preparing: "correct horse"))
    let mail = SubmissionClient(configuration, logger: Logger(label: "mail"))

    let message = try Message(
        from: NamedMailbox("App <app@example.org>"), to: [NamedMailbox("ann@example.net", name: "Ann Lee")],
        subject: "Hello 👋", text: "Hello Ann.\n")
    let receipt = try await mail.send(message)
    print("taken as \(receipt.queueID ?? receipt.reply.summary)")
}
// END
