import PosternCertificates
import PosternIdentity
import PosternMail
import PosternSMTP

/// What a session knows while it reads commands. TLS begins a new one: nothing said in clear outlives it (RFC 3207 §4.2).
///
/// It is handed on for each command, so what it knows of the client stands in boxes, which are shared (measured).
struct Dialogue {
    var channel: Channel
    var hello: Hello?
    var authentication = Authentication.none
    var transaction: OpenTransaction?
    /// Refused commands since the last accepted message.
    var errors = 0
    /// MAIL commands so far (RFC 9422 §4: whatever came of them).
    var mails = 0

    indirect enum Channel {
        case clear
        case secure(TLSFacts)
    }

    init(_ channel: Channel) {
        self.channel = channel
    }

    var tls: TLSFacts? {
        if case .secure(let facts) = channel { facts } else { nil }
    }

    /// Whether a message may still come of the transaction.
    var isInTransaction: Bool {
        switch transaction {
        case .envelope, .chunks: true
        case .failed, nil: false
        }
    }

    /// What the client's certificate amounts to now.
    func decision(in surroundings: Surroundings) -> CertificateDecision {
        surroundings.snapshot.decide(
            tls?.examination, over: tls?.version ?? .v12,
            minimum: surroundings.settings.listener.minimumTLSForCertificates, at: surroundings.now.wall
        )
    }
}

/// How far a session has come with saying who it is.
indirect enum Authentication {
    case none
    /// An AUTH ended in 535, 534 or 525. Under policy `both` nothing is authenticated implicitly after that.
    case failed
    /// MAIL on the certificate was accepted.
    case implicit(Authenticated)
    /// AUTH was accepted.
    case explicit(Authenticated, Submission.Sequence)
}
