"""A mail server that logs in by certificate as its script says."""
import base64
import re
import ssl
import warnings

from .probing import FAILURES, RECIPIENT, SENDER, Counter, check_moments
from .rows import expect, expect_equal
from .site import PASSWORD
from .sink import Sink, server_context

# TLS 1.1 is among what is tried.
warnings.simplefilter("ignore", DeprecationWarning)
COMMANDS = {"EHLO", "STAR", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"}
COMMON_NAME = "alice of the mail room"
ADDRESSES = {SENDER, RECIPIENT}
NAMES = {"", SENDER, RECIPIENT, COMMON_NAME}


class Scripted:
    """A server that does what its script says, and notes what is done to it.

    certificate: `asked`, `required` or `ignored`. external: where EXTERNAL is listed, of `clear`, `none`, `own`. auth: the
    answer to AUTH EXTERNAL. open: who may send without AUTH, of `none` and `own`; `at`: where the others are refused. known:
    a certificate that counts by itself. newest: the newest TLS."""

    def __init__(
            self, place, start, certificate="asked", external=(), auth="235 2.7.0 ok", open=(), refusal="530 5.7.0 no",
            at="MAIL", passwords=True, greeting="220 scripted ESMTP", answers=None, credential=None, newest=None, known=None,
            resumes=True):
        self.external, self.auth, self.open, self.refusal, self.at = external, auth, open, refusal, at
        self.passwords, self._answers = passwords, answers or {}
        self.moments = []
        context = server_context(credential or place.server_credential)
        if certificate != "ignored":
            context.load_verify_locations(place.site.authority.certificate)
            context.verify_mode = ssl.CERT_REQUIRED if certificate == "required" else ssl.CERT_OPTIONAL
        if known:
            # By its fingerprint: trusted itself, whoever has issued it; the request names another authority.
            context.load_verify_locations(known)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if newest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
        if not resumes:
            context.options |= ssl.OP_NO_TICKET
            context.num_tickets = 0
        script = {
            "greeting": greeting, "EHLO": self._ehlo, "AUTH": self._auth, "MAIL": self._mail, "RCPT": self._rcpt,
            "DATA": self._data}
        self.sink = Sink(
            {**script, **(answers or {})}, tls=context, implicit=start == "implicit", host="127.0.0.1")
        self.counter = Counter(self.sink.port)

    @staticmethod
    def _who(connection):
        if not connection.version:
            return "clear"
        return "own" if connection.certificate else "none"

    def _ehlo(self, connection, _):
        who = self._who(connection)
        connection.authenticated = False
        mechanisms = (["EXTERNAL"] if who in self.external else []) + (["PLAIN"] if self.passwords and who != "clear" else [])
        return ["scripted", "PIPELINING"] + ([f"AUTH {' '.join(mechanisms)}"] if mechanisms else [])

    def _auth(self, connection, line):
        if line.upper().startswith("AUTH PLAIN"):
            answer = self._password(connection, line)
        else:
            answer = self.auth(connection, line) if callable(self.auth) else self.auth
        connection.authenticated = answer.startswith("235")
        connection.failed = getattr(connection, "failed", 0) + (not connection.authenticated)
        return answer

    @staticmethod
    def _password(connection, line):
        _, _, response = line.partition("PLAIN ")
        if not response:
            connection.say("334 ")
            response = connection.line()
        name, password = base64.b64decode(response).decode().split("\0")[1:]
        return "235 2.7.0 ok" if (name, password) == (SENDER, PASSWORD) else "535 5.7.8 no"

    def _may(self, connection):
        return connection.authenticated or self._who(connection) in self.open

    def _mail(self, connection, _):
        return "250 2.1.0 ok" if self.at != "MAIL" or self._may(connection) else self.refusal

    def _rcpt(self, connection, _):
        connection.is_taken = self._may(connection) and self._takes_mail(connection)
        return "250 2.1.5 ok" if self._may(connection) else self.refusal

    def _takes_mail(self, connection):
        """Whether MAIL was not refused by what the script says in its place."""
        answer = self._answers.get("MAIL", "250")
        answer = answer(connection, f"MAIL FROM:<{SENDER}>") if callable(answer) else answer
        return answer.startswith("250")

    def _data(self, connection, _):
        """RFC 2920 §3.2: whose MAIL or RCPT was refused may have said DATA already."""
        is_taken = getattr(connection, "is_taken", False)
        return "354 go on" if is_taken else "503 5.5.1 no recipient"

    def check(self, limit=6):
        """No limit was exceeded: connections, one failed AUTH in each, three together, own addresses, no content."""
        check_moments(self.counter.moments, limit)
        connections = self.sink.connections
        failures = [getattr(connection, "failed", 0) for connection in connections]
        expect(max(failures, default=0) <= 1, f"failed AUTH by connection: {failures}")
        expect(sum(failures) <= FAILURES, f"failed AUTH in a run: {failures}")
        for connection in connections:
            expect_equal(connection.messages, [], "contents")
            for line in connection.lines:
                expect(line[:4].upper() in COMMANDS or not line or line == "=", f"a word of the probe: {line}")
                for address in re.findall(r"<(.*)>", line):
                    expect(address in ADDRESSES, f"an address that is not the person's: {line}")
                for name in re.findall(r"^AUTH EXTERNAL ([^=].*)", line):
                    expect(base64.b64decode(name).decode() in NAMES, f"a name that is not the person's: {line}")
            recipients = [line for line in connection.lines if line.startswith("RCPT")]
            expect(len(recipients) <= 1, f"one RCPT a connection: {recipients}")
            if recipients:
                expect("RSET" in connection.lines, "RSET after RCPT")

    def certificates_seen(self):
        return [connection.certificate for connection in self.sink.connections if connection.certificate]


# MARK: the branches of the tree, and odd servers (peers in brackets are those that do so)

CHALLENGED = "334 VXNlcm5hbWU6"


def after_challenge(connection, line):
    """[nginx] asks for a user name although the response came with the command."""
    connection.say(CHALLENGED)
    expect_equal(connection.line(), "", "the response to a challenge")
    return "235 2.7.0 ok"


def challenges_for_ever(connection, line):
    """Asks for more whatever it is told."""
    while True:
        connection.say("334 more")
        connection.line()


def own_name_alone(connection, line):
    """[Exim's documented example] the empty name is refused."""
    return "535 5.7.8 no" if line.endswith("=") and len(line) < 20 else "235 2.7.0 ok"


def sent_away_if_resumed(connection, line):
    connection.authenticated = False
    if connection.version and connection.peer.session_reused:
        return "421 4.7.0 no"
    return ["scripted"] + (["AUTH EXTERNAL"] if connection.certificate else [])


def own_sender_alone(connection, line):
    if SENDER not in line:
        return "553 5.7.1 not yours"
    return "250 2.1.0 ok" if connection.certificate else "530 5.7.0 no"


def sent_away(connection, line):
    """[Postfix with smtpd_tls_req_ccert, nginx] TLS goes well, and SMTP does not."""
    connection.authenticated = False
    if connection.version and not connection.certificate:
        return "421 4.7.1 No client certificate presented"
    return ["scripted", "AUTH PLAIN"]


OWN = {"external": ("own",), "open": ("own",)}
BRANCHES = {
    "both": ("BOTH", {**OWN}, []),
    "A alone": ("A-ONLY", {"external": ("own",)}, []),
    "B alone": ("B-ONLY", {"open": ("own",)}, []),
    "B alone, decided at RCPT [Postfix]": ("B-ONLY", {"open": ("own",), "at": "RCPT", "refusal": "554 5.7.1 Relay access denied"}, []),
    "A alone, decided at RCPT [sendmail]": ("A-ONLY", {"external": ("own",), "at": "RCPT", "refusal": "550 5.7.1 Relaying denied"}, []),
    "535 to MAIL [Dovecot]": ("BOTH", {**OWN, "refusal": "535 5.7.8 no"}, []),
    "550 5.7.9 to MAIL [chasquid]": ("B-ONLY", {"open": ("own",), "refusal": "550 5.7.9 Mail requires authentication"}, []),
    "503 to AUTH of who is logged in by the certificate [Exim]": (
        "EXTERNAL-BROKEN", {**OWN, "auth": "503 5.5.1 already authenticated"}, []),
    "EXTERNAL in clear [Dovecot on loopback]": (
        "A-ONLY", {"external": ("clear", "none", "own")}, ["EXTERNAL-WITHOUT-CERTIFICATE"]),
    "EXTERNAL that always fails [Postfix with Dovecot]": (
        "EXTERNAL-BROKEN", {"external": ("none", "own"), "open": ("own",), "auth": "535 5.7.8 no"}, ["EXTERNAL-WITHOUT-CERTIFICATE"]),
    "the empty name refused [Exim's manual]": ("EXTERNAL-BROKEN", {"external": ("own",), "auth": own_name_alone}, []),
    "a challenge with words [nginx]": ("A-ONLY", {"external": ("own",), "auth": after_challenge}, []),
    "504 to what is listed": ("EXTERNAL-BROKEN", {**OWN, "auth": "504 5.5.4 no"}, []),
    "454 to AUTH": ("TEMPORARY", {**OWN, "auth": "454 4.7.0 later"}, []),
    "451 to MAIL": ("TEMPORARY", {"answers": {"MAIL": "451 4.3.0 later"}}, []),
    "421 as the greeting": ("TEMPORARY", {"greeting": "421 4.3.2 too busy"}, []),
    "554 as the greeting": ("UNREACHABLE", {"greeting": "554 5.3.2 no"}, []),
    "no certificate asked for [Stalwart]": ("IGNORES-CERTIFICATES", {"certificate": "ignored"}, []),
    "open to everybody": ("OPEN-OR-IP-TRUSTED", {"open": ("none", "own")}, []),
    "an alert without certificate, then B [Exim verify]": (
        "B-ONLY", {"certificate": "required", "open": ("own",)}, ["HARD-REJECTS-UNKNOWN"]),
    "a certificate and a password [James]": ("GATE", {"certificate": "required"}, ["HARD-REJECTS-UNKNOWN"]),
    "asked for, and of no use": ("CERTIFICATE-NOT-TRUSTED", {}, ["REQUEST-WITHOUT-USE"]),
    "TLS 1.2 alone [nginx 1.22]": ("BOTH", {**OWN, "newest": ssl.TLSVersion.TLSv1_2}, ["NO-TLS-1.3"]),
    "TLS 1.1 alone": ("UNREACHABLE", {**OWN, "newest": ssl.TLSVersion.TLSv1_1}, ["OLD-TLS-ALONE"]),
    "TLS sessions are not resumed [Dovecot]": ("BOTH", {**OWN, "resumes": False}, []),
    "334 for ever": ("EXTERNAL-BROKEN", {**OWN, "auth": challenges_for_ever}, []),
    "250 to AUTH": ("EXTERNAL-BROKEN", {**OWN, "auth": "250 2.0.0 whatever"}, []),
    "EXTERNAL succeeds, MAIL does not": (
        "INCONCLUSIVE", {"external": ("own",), "answers": {"MAIL": "550 5.7.1 not yours"}}, []),
    "421 to the first command without a certificate [Postfix, nginx]": (
        "B-ONLY", {"open": ("own",), "answers": {"EHLO": sent_away}}, []),
    "nonsense for EHLO": ("UNREACHABLE", {"answers": {"EHLO": "hello yourself"}}, []),
    "closed at EHLO": ("UNREACHABLE", {"certificate": "ignored", "answers": {"EHLO": None}}, []),
}
