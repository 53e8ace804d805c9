"""SMTP over a socket, said word by word."""
import base64
import re
import socket
import ssl
from collections import namedtuple

TIMEOUT = 20


class Reply(namedtuple("Reply", "code lines")):
    """What the server answered; `lines` are the texts behind the code."""

    @property
    def short(self):
        """`535 5.7.8`: the code, and the enhanced code if there is one."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)", self.lines[-1])
        return f"{self.code} {found.group()}" if found else str(self.code)

    def __str__(self):
        return f"{self.code} {' / '.join(self.lines)}"


def client_context(authority, credential=None, version=None):
    """How a careful client speaks TLS, with a certificate if it has one, in one version of TLS if it must be one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    if credential:
        context.load_cert_chain(credential.certificate, credential.key)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def plain_credentials(user, password):
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


class Dialogue:
    """One connection. A context manager: it is closed at the end of its block, without ceremony."""

    def __init__(self, port, host="127.0.0.1", source=None, timeout=TIMEOUT):
        self.socket = socket.create_connection(
            (host, port), timeout=timeout, source_address=(source, 0) if source else None)
        self._input = b""

    @classmethod
    def open(cls, port, tls, context, hello=True, host="127.0.0.1", source=None, timeout=TIMEOUT):
        """A connection, inside TLS, with its greeting read, and EHLO said unless `hello` is false.

        tls: `starttls`, `implicit`, or `none` for a server that wants none. source: the address that it comes from, where that matters. timeout: seconds
        for anything the server does."""
        dialogue = cls(port, host, source, timeout)
        try:
            if tls == "none":
                dialogue.expect(220, None)
            elif tls == "starttls":
                dialogue.expect(220, None)
                dialogue.expect(250, "EHLO client.example.org")
                dialogue.expect(220, "STARTTLS")
                dialogue.secure(context)
            else:
                dialogue.secure(context)
                dialogue.expect(220, None)
            if hello:
                dialogue.capabilities = dialogue.expect(250, "EHLO client.example.org").lines[1:]
        except BaseException:
            dialogue.close()
            raise
        return dialogue

    @property
    def mechanisms(self):
        """What the last EHLO has listed behind AUTH."""
        return next((line.split()[1:] for line in self.capabilities if line.startswith("AUTH ")), [])

    def secure(self, context):
        if self._input:
            raise ConnectionError(f"octets before TLS: {self._input!r}")
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    def send(self, octets):
        self.socket.sendall(octets if isinstance(octets, bytes) else octets.encode())

    def command(self, line):
        """Says a line and returns the reply to it."""
        self.send(f"{line}\r\n")
        return self.reply()

    def expect(self, code, line):
        """Like `command`, for what leads to the place that a test is about. Without a line it only reads."""
        reply = self.reply() if line is None else self.command(line)
        if reply.code != code:
            raise ConnectionError(f"{line or 'greeting'}: expected {code}, found {reply}")
        return reply

    def reply(self):
        lines = []
        while True:
            line = self._line()
            if not re.match(r"\d{3}([ -]|$)", line):
                raise ConnectionError(f"no reply of SMTP: {line!r}")
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), lines)

    def is_closed(self):
        """Whether the server says nothing more and closes; waits for it."""
        try:
            return self._input == b"" and self.socket.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True

    def transaction(self, sender="alice@example.org", recipient="bob@example.org", body="Subject: hello\r\n\r\nhello\r\n"):
        """A whole transaction, which must succeed. Returns the queue id."""
        self.expect(250, f"MAIL FROM:<{sender}>")
        self.expect(250, f"RCPT TO:<{recipient}>")
        self.expect(354, "DATA")
        self.send(body)
        return self.expect(250, ".").lines[0].rsplit(" ", 1)[1]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _line(self):
        while b"\r\n" not in self._input:
            octets = self.socket.recv(65_536)
            if not octets:
                raise ConnectionError("the server has closed")
            self._input += octets
        line, self._input = self._input.split(b"\r\n", 1)
        return line.decode("ascii")
