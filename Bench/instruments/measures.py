"""What is measured. Each measure starts a peer afresh, and gives figures by the letters of `SUBJECTS`."""
import time

from .failure import Failure
from .goals import Figure
from .meters import Watch, memory_kib

WARM_UP = ("--messages", "64", "--per-connection", "4")
END_TO_END_PATIENCE = 300
"""Seconds for all messages to come through."""


def turned(items, number):
    """The same, beginning with another one in each round."""
    first = number % len(items) if items else 0
    return items[first:] + items[:first]


class Accept:
    """Messages as fast as they are accepted, which then go nowhere."""

    letters = "ag"

    def __init__(self, options):
        self._load = ("--seconds", str(options.seconds))

    def takes(self, peer):
        return True

    def figures(self, bench, peer):
        answer, usage = submit(bench, peer, *self._load)
        yield Figure("a", answer["per_second"], usage, answer["accepted"])
        yield Figure("g", usage.server * 1_000 / answer["accepted"], usage, answer["accepted"])


class Connect(Accept):
    """A new connection for each message."""

    letters = "b"

    def figures(self, bench, peer):
        answer, usage = submit(bench, peer, *self._load, "--per-connection", "1")
        yield Figure("b", answer["per_second"], usage, answer["accepted"])


class Large(Accept):
    """Messages of a mebioctet."""

    letters = "c"
    size = 1_048_576

    def figures(self, bench, peer):
        answer, usage = submit(bench, peer, *self._load, "--connections", "8", "--size", str(self.size))
        yield Figure("c", answer["per_second"] * self.size / 1e6, usage, answer["accepted"])


class Idle:
    """Memory of connections that have each sent a message, and are still there."""

    letters = "d"

    def __init__(self, options):
        self._count = options.idle

    def takes(self, peer):
        return True

    def figures(self, bench, peer):
        server = peer(bench, bench.place(), None, self._count)
        try:
            bench.submit(*WARM_UP)
            time.sleep(1)
            before = memory_kib(server.daemon.pid)
            watch = Watch(server.daemon.pid, bench.sink_pid)
            held = bench.hold(self._count)
            # What the last messages took is given back in a moment.
            time.sleep(3)
            per_connection = (memory_kib(server.daemon.pid) - before) / held.count
            usage = watch.read()
            if dropped := held.release():
                raise Failure(f"{dropped} of {held.count} connections were closed")
        finally:
            server.stop()
        # Strangers change no memory.
        yield Figure("d", per_connection, usage._replace(strangers=0), held.count)


class Relay:
    """Messages that come through to a next hop: from the first submission to the last arrival."""

    letters = "e"

    def __init__(self, options):
        self._count = options.messages

    def takes(self, peer):
        return peer.relays

    def figures(self, bench, peer):
        server = peer(bench, bench.place(), bench.sink_port)
        try:
            before = bench.arrived()
            bench.submit(*WARM_UP)
            self._await(bench, before + 64)
            watch, began = Watch(server.daemon.pid, bench.sink_pid), time.monotonic()
            bench.submit("--messages", str(self._count))
            self._await(bench, before + 64 + self._count)
            seconds, usage = time.monotonic() - began, watch.read()
        finally:
            server.stop()
        yield Figure("e", self._count / seconds, usage, self._count)

    @staticmethod
    def _await(bench, count):
        deadline = time.monotonic() + END_TO_END_PATIENCE
        while bench.arrived() < count:
            if time.monotonic() > deadline:
                raise Failure(f"{count - bench.arrived()} messages have not come through in {END_TO_END_PATIENCE} s")
            time.sleep(0.01)


class Start:
    """From the start of the process to its first greeting, with an empty queue."""

    letters = "f"

    def __init__(self, options):
        pass

    def takes(self, peer):
        return True

    def figures(self, bench, peer):
        server = peer(bench, bench.place(), None)
        try:
            usage = Watch(server.daemon.pid, bench.sink_pid).read()
        finally:
            server.stop()
        yield Figure("f", server.daemon.start_seconds, usage._replace(strangers=0), 1)


def submit(bench, peer, *load):
    """Starts the peer, warms it up, and puts that load on it. Returns what the generator says, and the usage."""
    server = peer(bench, bench.place(), None)
    try:
        bench.submit(*WARM_UP)
        watch = Watch(server.daemon.pid, bench.sink_pid)
        return bench.submit(*load), watch.read()
    finally:
        server.stop()


MEASURES = [Accept, Connect, Large, Idle, Relay, Start]
