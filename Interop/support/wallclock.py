"""A wall clock that a test sets while the server runs."""
import os
import struct

from .certificates import run

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wallclock.c")


class WallClock:
    """`wrapper` goes before the server's command."""

    def __init__(self, folder):
        self._path, library = f"{folder}/wall-clock", f"{folder}/wallclock.so"
        run("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, _SOURCE, "-ldl")
        with open(self._path, "wb") as file:
            file.write(struct.pack("=q", 0))
        self.wrapper = ["env", f"LD_PRELOAD={library}", f"POSTERN_WALL_CLOCK={self._path}"]

    def set(self, seconds):
        """By how much it is ahead of the true time from now on."""
        with open(self._path, "r+b") as file:
            file.write(struct.pack("=q", seconds))
