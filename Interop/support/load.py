"""Load from several threads, each with a connection of its own, and what was acknowledged to them."""
import hashlib
import itertools
import os
import threading
import time
from collections import namedtuple

from .dialogue import Dialogue

RECIPIENT = "bob@example.org"
SIZES = [700, 4_096, 60_000, 200_000, 4_096, 1_000_000, 9_000]
"""Octets of the bodies, in turn: in the queue's row up to 128 KiB, in files of their own beyond it."""

Acknowledgement = namedtuple("Acknowledgement", "queue_id digest moment")
"""Of a 250: the id in it, the SHA-256 of the text that was sent, and when it came, on the monotonic clock."""


def body(marker, size):
    """Text of about that many octets, which nobody else sends."""
    text = hashlib.shake_256(marker.encode()).hexdigest(size // 2)
    return "".join(f"{text[at:at + 70]}\n" for at in range(0, len(text), 70))


def digest_of(text):
    """Of a text with line ends of either kind."""
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()


def message(marker, size):
    text = body(marker, size)
    digest = digest_of(text.encode())
    header = f"From: alice@example.org\nSubject: load\nX-Marker: {marker}\nX-Digest: {digest}\n\n"
    return (header + text).replace("\n", "\r\n").encode() + b".\r\n"


class Load:
    """Sends until it is stopped, and connects again whenever the server is gone.

    places: tells the ports to send to at this moment, as (port, way to start TLS).
    pause: seconds between two messages of a connection. limit: how many messages are acknowledged before it ends by
    itself. sizes: of the texts, in turn."""

    _number = itertools.count()

    def __init__(self, context, places, connections=4, pause=0, limit=None, sizes=SIZES, recipient=RECIPIENT):
        self.recipient = recipient
        self._name = f"{os.getpid()}.{next(Load._number)}"
        self._envelope = f"MAIL FROM:<alice@example.org>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode()
        self._pause, self._limit, self._sizes = pause, limit, sizes
        self._context, self._places = context, places
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._acknowledged = {}
        self._open = set()
        self._failures = []
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(connections)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def finish(self):
        """Each connection ends with the message that it sends."""
        self._is_over.set()

    def stop(self):
        self.finish()
        for thread in self._threads:
            thread.join()

    @property
    def acknowledged(self):
        """The queue ids of the 250s, by the messages' markers, as of now."""
        return {marker: one.queue_id for marker, one in self.acknowledgements.items()}

    @property
    def acknowledgements(self):
        """The 250s, by the messages' markers, as of now."""
        with self._lock:
            return dict(self._acknowledged)

    @property
    def is_running(self):
        return any(thread.is_alive() for thread in self._threads)

    @property
    def failures(self):
        """What has ended a connection before its time."""
        with self._lock:
            return list(self._failures)

    @property
    def open_transactions(self):
        """How many messages are on their way without an answer."""
        with self._lock:
            return len(self._open)

    def _send(self, number):
        markers = (f"{self._name}-{number}-{count}" for count in itertools.count())
        sizes = itertools.islice(itertools.cycle(self._sizes), number, None)
        while not self._is_over.is_set():
            try:
                self._send_on_one_connection(number, zip(markers, sizes))
            except OSError as error:
                with self._lock:
                    self._failures.append(f"{error}")
                # The server was killed, which is what this is for; its successor listens soon.
                time.sleep(0.02)
            finally:
                with self._lock:
                    self._open = {marker for marker in self._open if marker.split("-")[1] != str(number)}

    def _send_on_one_connection(self, number, messages):
        places = self._places()
        port, start = places[number % len(places)]
        with Dialogue.open(port, start, self._context) as client:
            client.send(self._envelope)
            for marker, size in messages:
                for code in (250, 250, 354):
                    client.expect(code, None)
                with self._lock:
                    self._open.add(marker)
                # The next transaction's commands come with this one's end.
                client.send(message(marker, size) + self._envelope)
                queue_id = client.expect(250, None).lines[0].rsplit(" ", 1)[1].removeprefix("id=")
                self._note(marker, Acknowledgement(queue_id, digest_of(body(marker, size).encode()), time.monotonic()))
                if self._is_over.wait(self._pause):
                    return

    def _note(self, marker, acknowledgement):
        with self._lock:
            self._acknowledged[marker] = acknowledgement
            self._open.discard(marker)
            if self._limit and len(self._acknowledged) >= self._limit:
                self._is_over.set()


class Arrivals:
    """What stands in a Maildir: the queue ids by the messages' markers, and what is not as it was sent."""

    def __init__(self, folder):
        self.ids = {}
        self.corrupt = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(f"{folder}/{name}", encoding="utf-8", errors="replace") as file:
                self._add(name, file.read())

    @property
    def duplicates(self):
        return sum(len(ids) - 1 for ids in self.ids.values())

    def lost(self, acknowledged):
        """The markers of what was acknowledged and is not there under the id that was acknowledged."""
        return [marker for marker, queue_id in acknowledged.items() if queue_id not in self.ids.get(marker, [])]

    def _add(self, name, text):
        header, _, content = text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in header.split("\n") if ": " in line and not line.startswith((" ", "\t")))
        marker = fields.get("X-Marker")
        if marker is None or digest_of(content.encode()) != fields.get("X-Digest"):
            self.corrupt.append(name)
        if marker is not None:
            words = " ".join(header.split()).split(" id ", 1)[-1]
            self.ids.setdefault(marker, []).append(words.split()[0].rstrip(";"))
