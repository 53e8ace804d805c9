"""(h): what waits in the queue changes nothing for what comes in."""
import os
import socket
import subprocess
import time

from .goals import Figure
from .measures import WARM_UP, turned
from .meters import Watch, memory_kib, processor_seconds
from .peers import Postern

SIZES = (0, 1_000, 100_000, 1_000_000)
KEPT_RATE, GROWN_MEMORY = 0.8, 1.2
"""Of an empty queue's, the least rate and the most memory."""
QUIET, PATIENCE = 0.25, 120
"""A server that uses less than this of a processor has settled; after so many seconds it is measured as it is."""

ROUTE = """\
routes:
  - {{ recipients: [example.net], next-hop: "127.0.0.1:{port}" }}
"""


class Growth:
    """Queues of several sizes, all for a next hop that says nothing; the messages that come in go nowhere."""

    letters = "h"

    def __init__(self, options):
        self._options = options
        self._sizes = SIZES[:2] if options.quick else SIZES

    def run(self, bench, figures):
        places = {size: self._filled(bench, size) for size in self._sizes}
        with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
            more = ROUTE.format(port=silent.getsockname()[1])
            for number in range(1, self._options.rounds + 1):
                # Not always in this order: the disk has work left of a large queue when the next one is measured.
                for size, place in turned([*places.items()], number):
                    os.sync()
                    for figure in self._figures(bench, place, more):
                        figures.add(label(size), number, figure)

    @staticmethod
    def _filled(bench, size):
        place = bench.place(f"queue-{size}")
        if size:
            subprocess.run([bench.fill_queue, f"{place}/state", str(size)], check=True, stdout=subprocess.DEVNULL)
        return place

    def _figures(self, bench, place, more):
        server = Postern(bench, place, None, more=more)
        try:
            bench.submit(*WARM_UP)
            settled = _settled(server)
            watch = Watch(server.daemon.pid, bench.sink_pid)
            answer = bench.submit("--seconds", str(self._options.seconds))
            usage = watch.read()
            memory = memory_kib(server.daemon.server) / 1_024
        finally:
            server.stop()
        yield Figure("h", answer["per_second"], usage, answer["accepted"])
        yield Figure("h start", server.daemon.start_seconds, usage, answer["accepted"])
        yield Figure("h settled", settled, usage, answer["accepted"])
        yield Figure("h memory", memory, usage, answer["accepted"])


def _settled(server):
    """Waits until what was waiting has its attempts or its times. Returns how long that took, in seconds."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        before = processor_seconds([server.daemon.server])
        time.sleep(1)
        if processor_seconds([server.daemon.server]) - before < QUIET:
            break
    return time.monotonic() - began


def label(size):
    return f"{size:,}" if size else "empty"


def growth_table(figures):
    """In Markdown, which a terminal can show too."""
    yield ("| messages in the queue | messages/s accepted | of an empty queue's | start to the first 220, s | "
           "settled after, s | memory, MiB |")
    yield "|---|---|---|---|---|---|"
    for size in sizes(figures):
        yield (f"| {size} | {figures.median('h', size):,.0f} | {figures.ratio('h', size, 'empty'):.0%} | "
               f"{figures.median('h start', size):.2f} | "
               f"{figures.median('h settled', size):.0f} | {figures.median('h memory', size):.0f} |")


def sizes(figures):
    """The smallest first."""
    return sorted(figures.peers("h"), key=lambda size: 0 if size == "empty" else int(size.replace(",", "")))


def growth_verdicts(figures):
    """Whether the largest queue leaves the rate and the memory as they are without one."""
    largest = sizes(figures)[-1]
    rate, memory = figures.ratio("h", largest, "empty"), figures.ratio("h memory", largest, "empty")
    yield (f"With {largest} in the queue: ≥ {KEPT_RATE:.0%} of the rate: {rate:.0%}, "
           f"{'reached' if rate >= KEPT_RATE else 'missed'}; ≤ {GROWN_MEMORY:.0%} of the memory: {memory:.0%}, "
           f"{'reached' if memory <= GROWN_MEMORY else 'missed'}.")
