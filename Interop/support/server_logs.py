"""What mail servers say that was said to them: each has a log of every line, in a form of its own."""
import base64
import logging
import re
import time

from .probing import FAILURES, RECIPIENT, SENDER
from .rows import expect, expect_equal

COMMANDS = {"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"}
PATIENCE = 10


class Session:
    """A connection: its lines in their order, `<` from the client and `>` from the server."""

    def __init__(self):
        self.lines = []

    def said(self, words=""):
        return [line for speaker, line in self.lines if speaker == "<" and line.upper().startswith(words)]

    @property
    def failed_auths(self):
        """How many AUTH were answered with something else than 235, 334, and 503, which says that nobody looked at it."""
        failed, awaits = 0, False
        for speaker, line in self.lines:
            if speaker == "<":
                awaits = awaits or line.upper().startswith("AUTH")
            elif awaits and not line.startswith("334"):
                failed += not line.startswith(("235", "503"))
                awaits = False
        return failed


def check(sessions, connections):
    """What a run of the probe may say and cost, by the server's own words. connections: how many there were; None if the log
    does not have all of them. Returns how many lines the client has said."""
    if connections is not None:
        expect_equal(len(sessions), connections, "sessions in the server's log")
    failures = [session.failed_auths for session in sessions]
    expect(max(failures, default=0) <= 1, f"failed AUTH by connection: {failures}")
    expect(sum(failures) <= FAILURES, f"failed AUTH in a run: {failures}")
    for session in sessions:
        for line in session.said():
            verb = line.split(" ")[0].upper()
            expect(verb in COMMANDS or line in ("", "="), f"a word of the probe: {line}")
            for address in re.findall(r"<(.*)>", line):
                expect(address in (SENDER, RECIPIENT), f"an address that is not the person's: {line}")
            for name in re.findall(r"^AUTH EXTERNAL ([^=].*)", line):
                expect(base64.b64decode(name).decode() in (SENDER, RECIPIENT), f"a name that is not the person's: {line}")
        recipients = session.said("RCPT")
        expect(len(recipients) <= 1, f"one RCPT a connection: {recipients}")
        expect(not recipients or session.said("RSET"), "RSET after RCPT")
    return sum(len(session.said()) for session in sessions)


class ServerLog:
    """The sessions of one server since `begin`. read: all that there ever were."""

    def __init__(self, read):
        self._read, self._before = read, 0

    def begin(self):
        self._before = len(self._read())

    def sessions(self, count):
        """Those since then, once there are so many: a log may come late."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self._read()[self._before:]
            if len(found) >= count or time.monotonic() > deadline:
                # The last words may still be on their way.
                time.sleep(0.2)
                return self._read()[self._before:]
            time.sleep(0.1)


def _sessions(text, pattern):
    """The sessions of a log.

    pattern: with the groups `key` (or `made`), by which a line is known as one of a session, `speaker` and `line`; where there
    is a group `begin` and it matches, another session begins."""
    sessions, current = [], {}
    for match in re.finditer(pattern, text, re.MULTILINE):
        groups = match.groupdict()
        key = groups["key"] or groups["made"]
        if key not in current or groups.get("begin"):
            current[key] = Session()
            sessions.append(current[key])
        if groups["line"] is not None:
            speaker = "<" if groups["speaker"].startswith(("<", "Received")) else ">"
            current[key].lines.append((speaker, groups["line"].rstrip("\r")))
    return sessions


def postfix(read, port):
    """`smtpd -v -o syslog_name=postfix/PORT`."""
    pattern = (
        rf"postfix/{port}/smtpd\[(?P<key>\d+)\]: ((?P<begin>connect from )|(?P<speaker>[<>]) [^:]*: ?(?P<line>.*)$)")
    return ServerLog(lambda: _sessions(read(), pattern))


def exim(read):
    """`exim4 -d-all+receive+pid`; a process each."""
    return ServerLog(lambda: _sessions(read(), r"^ *(?P<key>\d+) SMTP(?P<speaker><<|>>) ?(?P<line>.*)$"))


def sendmail(read):
    """`sendmail -X FILE`; a process each."""
    return ServerLog(lambda: _sessions(read(), r"^(?P<key>\d+) (?P<speaker><<<|>>>) ?(?P<line>.*)$"))


def dovecot(read):
    """`log_debug = category=smtp-server`; behind the login another process goes on with the same connection."""
    pattern = (
        r"(?:submission-login: Debug: smtp-server: conn \S*?:(?P<made>\d+) \[\d+\]: (?P<begin>Connection created)$)|"
        r"(?:Debug: smtp-server: conn \S*?:(?P<key>\d+) \[\d+\]: (?:command \S+: )?"
        r"(?P<speaker>Received new command|(?:\d+ reply: )?Sent): (?P<line>.*)$)")
    return ServerLog(lambda: _sessions(read(), pattern))


class AiosmtpdLog(logging.Handler):
    """What aiosmtpd logs of each connection. It is in this process."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self._sessions = {}
        logger = logging.getLogger("mail.log")
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record):
        # The arrows are those of a conversation that is looked at from the other side.
        speaker = {"%r >> %r": "<", "%r << %r": ">"}.get(record.msg)
        if speaker:
            peer, line = record.args
            text = line.decode(errors="replace") if isinstance(line, bytes) else line
            session = self._sessions.setdefault(peer, Session())
            session.lines.append((speaker, text.rstrip("\r\n")))

    def log(self):
        return ServerLog(lambda: list(self._sessions.values()))
