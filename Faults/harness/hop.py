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

    def _receive(self):
        octets = self.peer.recv(1 << 20)
        if not octets:
            raise EOFError
        return octets

    def _content(self):
        content = bytearray(self._input)
        while (end := content.find(END, max(0, self._searched))) < 0:
            self._searched = len(content) - len(END)
            content += self._receive()
        self._input, self._searched = bytes(content[end + len(END):]), 0
        answer = self.hop.take(bytes(content[:end + 2]))
        if answer:
            self.say(answer)
        return answer is not None

    _searched = 0


class Hop(Sink):
    """gate: nobody is greeted before it is set. taking: says what the content of a message with that marker is answered;
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
