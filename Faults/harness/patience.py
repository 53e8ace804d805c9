"""Time as a harness measures it: a machine that stands still for a while, as virtual ones do, uses up none of it."""
import threading
import time

from support.rows import Unexpected
from support.server import PATIENCE

_STEP, _LONGEST_STEP = 0.05, 0.1


class _Clock:
    """Counts the steps of a thread that sleeps, each as no longer than it may be on a machine that runs."""

    def __init__(self):
        self.seconds = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        last = time.monotonic()
        while True:
            time.sleep(_STEP)
            now = time.monotonic()
            self.seconds, last = self.seconds + min(now - last, _LONGEST_STEP), now


_clock = None


def seconds():
    """Since some moment, to a twentieth."""
    global _clock
    _clock = _clock or _Clock()
    return _clock.seconds


def await_condition(condition, what, patience=PATIENCE, detail=lambda: ""):
    """Returns when the condition holds; fails if it does not within so many seconds."""
    start = seconds()
    while not condition():
        if seconds() - start > patience:
            raise Unexpected(f"not within {patience} s: {what}{detail()}")
        time.sleep(0.02)
