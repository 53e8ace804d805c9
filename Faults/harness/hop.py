"""A next hop that keeps of each message its marker and its checksum, and may stand still."""
import re
import threading
import time
from collections import Counter, namedtuple

from support.load import digest_of
from support.sink import Connection, Sink

END = b"\r\n.\r\n"
TAKEN = "250 2.0.0 taken"

Arrival = namedtuple("Arrival", "digest moment")
"""The SHA-256 of the text, and when its last octet came, on the monotonic clock."""


class KeepingConnection(Connection):
    """Reads contents in large pieces, and remembers none of its octets."""

    hop = None

    def serve(self):
        self.hop.gate.wait()
        super().serve()

    def line(self):
        found = super().line()
        # Servers use a connection again: one that stands must stand still, too.
        self.hop.gate.wait()
        return found

    def _receive(self):
        octets = self.peer.recv(1 << 20)
        if not octets:
            raise EOFError
        return octets

    def _content(self):
        # The end may follow DATA at once.
        content = bytearray(b"\r\n" + self._input)
        searched = 0
        while (end := content.find(END, searched)) < 0:
            searched = max(0, len(content) - len(END))
            content += self._receive()
        self._input = bytes(content[end + len(END):])
        self.hop.gate.wait()
        answer = self.hop.take(bytes(content[2:end + 2])) if end else "554 5.5.1 no valid recipients"
        if answer:
            self.say(answer)
        return answer is not None


class Hop(Sink):
    """gate: while it is not set nobody is greeted or answered, and nothing is taken. taking: says what the content of a message with that marker is answered;
    `None` drops the connection. What it returns does not matter to what is kept."""

    def __init__(self, answers=None, is_open=True, taking=lambda hop, marker: TAKEN):
        self.gate = threading.Event()
        if is_open:
            self.gate.set()
        self._taking = taking
        self._lock = threading.Lock()
        self._arrivals, self._reported = {}, Counter()
        self.connection_class = type("HopConnection", (KeepingConnection,), {"hop": self})
        super().__init__(answers)

    @property
    def arrivals(self):
        """By marker, what has come."""
        with self._lock:
            return {marker: list(arrivals) for marker, arrivals in self._arrivals.items()}

    @property
    def reported(self):
        """The markers of the messages of which reports tell, with how many do."""
        with self._lock:
            return Counter(self._reported)

    def take(self, content):
        header, _, text = content.partition(b"\r\n\r\n")
        if b"multipart/report" in header:
            with self._lock:
                self._reported.update(set(re.findall(rb"^X-Marker: (\S+)", text, re.MULTILINE)))
            return TAKEN
        found = re.search(rb"^X-Marker: (\S+)", header, re.MULTILINE)
        marker = found.group(1).decode() if found else "unknown"
        arrival = Arrival(digest_of(text), time.monotonic())
        answer = self._taking(self, marker)
        with self._lock:
            self._arrivals.setdefault(marker, []).append(arrival)
        return answer

    def forget(self, marker):
        """As if it had never come: for a control."""
        with self._lock:
            del self._arrivals[marker]
