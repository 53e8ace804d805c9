"""A next hop that does what it is told, and keeps every octet it gets."""
import socket
import ssl
import threading

GOOD = {
    "greeting": "220 sink ESMTP",
    "EHLO": ["sink", "PIPELINING", "8BITMIME", "SIZE 100000000"],
    "LHLO": ["sink", "PIPELINING", "8BITMIME"],
}


class Connection:
    """One client. `octets` is everything it said after TLS, if there was TLS; `messages` are the raw contents, with
    their added dots and the end of data."""

    def __init__(self, peer, answers, tls, implicit):
        self.peer, self.answers, self.tls, self.implicit = peer, answers, tls, implicit
        self.octets, self.lines, self.messages, self.version, self.certificate = b"", [], [], None, None
        self._input = b""

    def serve(self):
        try:
            self.peer.settimeout(30)
            if self.implicit:
                self._secure()
            greeting = self.answers["greeting"]
            if callable(greeting):
                greeting = greeting(self, "greeting")
            if greeting:
                self.say(greeting)
            while self._command():
                pass
        except (OSError, ssl.SSLError, EOFError):
            pass
        finally:
            self.peer.close()

    def _command(self):
        line = self.line()
        self.lines.append(line)
        verb = line[:4].upper()
        answer = self.answers.get(line, self.answers.get(verb, self._standard(verb)))
        if answer is None:
            return False
        if callable(answer):
            answer = answer(self, line)
        if isinstance(answer, list):
            lines = answer + (["STARTTLS"] if self.tls and not self.version else [])
            answer = "\r\n".join(f"250{'-' if number < len(lines) else ' '}{text}" for number, text in enumerate(lines, 1))
        if verb == "STAR" and answer.startswith("220 "):
            self.peer.sendall(f"{answer}\r\n".encode() + self.answers.get("behind", b""))
            self._secure()
            return True
        if answer:
            self.say(answer)
        if verb == "DATA" and answer.startswith("354"):
            return self._content()
        return verb != "QUIT"

    @staticmethod
    def _standard(verb):
        return {"DATA": "354 go on", "QUIT": "221 bye", "STAR": "220 go"}.get(verb, "250 2.0.0 ok")

    def _content(self):
        content = bytearray()
        while not content.endswith(b"\r\n.\r\n"):
            content += self._line()
            if content == b".\r\n":
                break
        self.messages.append(bytes(content))
        answers = self.answers.get(".", "250 2.0.0 queued as 7")
        for answer in answers if isinstance(answers, list) else [answers]:
            if answer is None:
                return False
            self.say(answer)
        return True

    def line(self):
        """The next line, without its end."""
        return self._line().decode("ascii", errors="replace").rstrip("\r\n")

    def _secure(self):
        self._input = b""
        self.peer = self.tls.wrap_socket(self.peer, server_side=True)
        self.version = self.peer.version()
        self.certificate = self.peer.getpeercert()

    def say(self, text):
        self.peer.sendall(f"{text}\r\n".encode())

    def _receive(self):
        """The next octets, whatever they are."""
        octets = self.peer.recv(65_536)
        if not octets:
            raise EOFError
        self.octets += octets
        return octets

    def _line(self):
        while b"\n" not in self._input:
            self._input += self._receive()
        line, newline, self._input = self._input.partition(b"\n")
        return line + newline


class Sink:
    """Listens on a port of the system's choice, or on `port`, on all IPv4 addresses or on `host`, or on a Unix socket.

    answers: by a command's whole line, or by its verb, what is said instead of 250; `None` closes the connection. `.` is
    the end of data: a list has an answer for each reply of LMTP. An empty answer is never said. A function gets the connection and
    the line, may speak and read on its own, and returns the answer. `behind`: octets that follow the 220 of STARTTLS at once.
    tls: a context for STARTTLS, or with `implicit` from the first octet."""

    connection_class = Connection

    def __init__(self, answers=None, tls=None, implicit=False, path=None, host="", port=0):
        self._answers = {**GOOD, **(answers or {})}
        self._tls, self._implicit = tls, implicit
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(path)
            self._listener.listen()
        else:
            self._listener = socket.create_server(
                (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
            self.port = self._listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Closing alone would not wake the thread that accepts, and the port would take one more.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def messages(self):
        return [message for connection in self.connections for message in connection.messages]

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            connection = self.connection_class(peer, self._answers, self._tls, self._implicit)
            self.connections.append(connection)
            threading.Thread(target=connection.serve, daemon=True).start()


def server_context(credential):
    """TLS for a sink, with a certificate of the site's authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credential.certificate, credential.key)
    return context


def stuffed(content):
    """The content as it must stand on the wire."""
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n")) + b".\r\n"


class Unanswered:
    """A port of 127.0.0.1 where a connection is neither taken nor refused. A context manager."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        # With no room but for one, Linux answers no further ones.
        self._fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
        self._own = {filler.getsockname()[1] for filler in self._fillers}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in [*self._fillers, self._listener]:
            one.close()

    @property
    def is_tried(self):
        """Whether somebody else's connection waits here (state 02: SYN-SENT)."""
        with open("/proc/net/tcp") as table:
            rows = [line.split()[1:4] for line in list(table)[1:]]
        return any(
            int(remote.split(":")[1], 16) == self.port and state == "02" and int(own.split(":")[1], 16) not in self._own
            for own, remote, state in rows)
