"""A server under measurement: all processes that come of one command."""
import os
import socket
import subprocess
import sys
import time

from .failure import Failure
from .priority import put_first

REAPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reaper.py")
PATIENCE = 60
"""Seconds after which a server that should have started or ended has not."""


class Daemon:
    """place: a folder for its output. is_first: whether it goes before other users of the machine."""

    def __init__(self, place, port, command, is_first=False):
        self._started, self._output, self._port = f"{place}/started", f"{place}/output", port
        with open(self._output, "ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, REAPER, self._started, *command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output)
        self.pid = self._process.pid
        self.start_seconds = self._await_greeting()
        """From the exec to the first 220."""
        if is_first:
            put_first(self.pid)

    @property
    def server(self):
        """The process that the command has become."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children") as file:
            return int(file.read().split()[0])

    def _await_greeting(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failure(f"the server ended with {self._process.returncode}: {self._last_words()}")
            try:
                with socket.create_connection(("127.0.0.1", self._port), 5) as client:
                    if client.recv(512).startswith(b"220"):
                        now = time.monotonic()
                        client.sendall(b"QUIT\r\n")
                        client.recv(512)
                        with open(self._started) as file:
                            return now - float(file.read())
            except OSError:
                pass
            time.sleep(0.002)
        self._process.kill()
        raise Failure(f"no greeting within {PATIENCE} s: {self._last_words()}")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self):
        with open(self._output, errors="replace") as file:
            return file.read()[-1_000:].strip()
