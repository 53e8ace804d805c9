import HTTPTypes
import Hummingbird
import NIOCore
import PosternMail

/// An answer in both forms: JSON for programs, lines for people. The command line prints the second as it comes, so that
/// what is shown is written, and made harmless (C5), in one place.
struct Answer {
    var status = HTTPResponse.Status.ok
    /// Without line feed at its end.
    let text: [String]
    let json: @Sendable (inout JSONText) -> Void

    func response(to request: Request) -> Response {
        guard request.wantsJSON else { return .text(text.joined(separator: "\n") + "\n", status) }
        var output = JSONText()
        json(&output)
        output.newLine()
        return .json(output.octets, status)
    }

    /// A refusal in a sentence.
    static func refusal(_ status: HTTPResponse.Status, _ sentence: String) -> Answer {
        Answer(status: status, text: [SafeText.escape(sentence, limit: 1_024)]) { json in
            json.open()
            json.key("error")
            json.string(sentence, limit: 1_024)
            json.close()
        }
    }
}

extension Request {
    /// JSON if it is asked for, else text.
    var wantsJSON: Bool {
        headers[values: .accept].contains { $0.contains("json") }
    }
}

extension Response {
    static func text(_ text: String, _ status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func json(_ octets: [UInt8], _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }
}

/// Answers what no route has foreseen in the form of all other answers.
struct PlainErrors: RouterMiddleware {
    typealias Context = AdminContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as QueryError {
            return Answer.refusal(.badRequest, error.sentence).response(to: request)
        } catch let error as any HTTPResponseError {
            let sentence = error.status == .notFound ? "there is no \(request.method) \(request.uri.path)" : "\(error)"
            return Answer.refusal(error.status, sentence).response(to: request)
        } catch {
            return Answer.refusal(.internalServerError, "\(error)").response(to: request)
        }
    }
}
