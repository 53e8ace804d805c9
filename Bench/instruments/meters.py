"""What processes use: read from /proc, the same way for every server."""
import os
import time
from collections import namedtuple

from .failure import Failure

TICKS = os.sysconf("SC_CLK_TCK")
STRANGERS_TOLERATED = 0.10
"""Share of all processors; with more a figure is marked as noisy."""


def _fields(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None


def _processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def tree(root):
    """The process, and all that have come of it and are there."""
    children = {}
    for pid in _processes():
        if fields := _fields(pid):
            children.setdefault(int(fields[1]), []).append(pid)
    found, ahead = [], [root]
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        ahead += children.get(pid, [])
    return found


def processor_seconds(pids):
    """Of these, and of their children that have ended."""
    return sum(sum(map(int, fields[11:15])) for fields in map(_fields, pids) if fields) / TICKS


def memory_kib(root):
    """The sum of the proportional set sizes: what is shared counts once."""
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def _machine_seconds():
    """What all processes of this machine have used, of whatever namespace; without interrupts."""
    with open("/proc/stat") as file:
        user, nice, system = file.readline().split()[1:4]
    return (int(user) + int(nice) + int(system)) / TICKS


Usage = namedtuple("Usage", "seconds server generator sink strangers")
"""Seconds of the processors, and the strangers' share of all processors."""


class Watch:
    """Measures who uses the processors from here on. In a PID namespace of its own, all processes are the bench's."""

    def __init__(self, server, sink):
        self._server, self._sink = server, sink
        self._before = self._look()

    def _look(self):
        generator = os.times()
        return (
            time.monotonic(), processor_seconds(tree(self._server)), processor_seconds([self._sink]),
            generator.children_user + generator.children_system, processor_seconds(_processes()), _machine_seconds())

    def read(self):
        elapsed, server, sink, generator, ours, machine = (
            now - before for now, before in zip(self._look(), self._before))
        if elapsed <= 0:
            raise Failure("no time has passed")
        return Usage(elapsed, server, generator, sink, max(0, machine - ours) / (elapsed * os.cpu_count()))
