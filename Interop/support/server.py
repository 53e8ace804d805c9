"""A running `postern serve`, and its log as the witness of what it saw."""
import json
import os
import signal
import subprocess
import time

from .rows import Unexpected, expect_equal

PATIENCE = 20
"""Seconds after which something that should happen has not happened; a debug build on a busy machine is slow."""


class Server:
    """One process over one configuration. Starting it again goes on with the same state folder."""

    def __init__(self, postern, configuration, listener_names, wrapper=(), log=None):
        self._command = [*wrapper, postern, "serve", "--config", configuration]
        self._log_path = log or f"{os.path.dirname(configuration)}/log"
        self._names = set(listener_names)
        self.process = None
        self.ports = {}

    def start(self):
        """Returns when all listeners listen."""
        open(self._log_path, "w").close()
        self._events, self._rest, self._offset = [], b"", 0
        with open(self._log_path, "ab") as log:
            self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=log)
        self.wait_until(lambda: {e["listener"] for e in self.events("listening")} == self._names, "all listeners listen")
        self.ports = {e["listener"]: e["port"] for e in self.events("listening")}
        return self

    def stop(self):
        """SIGTERM, upon which it must end with 0."""
        self.process.send_signal(signal.SIGTERM)
        expect_equal(self.process.wait(PATIENCE * 2), 0, "exit status of the server after SIGTERM")

    def kill(self):
        """SIGKILL: nothing is flushed, nothing is finished."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """For the way out, whatever has happened."""
        if self.process and self.process.poll() is None:
            self.kill()

    @property
    def is_running(self):
        return self.process.poll() is None

    @property
    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    @property
    def processor_seconds(self):
        """What the process has used of the processors so far."""
        with open(f"/proc/{self.process.pid}/stat") as status:
            fields = status.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def mark(self):
        """A place in the log: pass it as `since` to see only what comes after."""
        return len(self._all())

    def events(self, name=None, since=0, **fields):
        """The events of that name with these fields."""
        return [
            event for event in self._all()[since:]
            if name in (None, event["event"]) and all(event.get(key) == value for key, value in fields.items())]

    def await_event(self, name, since=0, **fields):
        """The first such event, for which it waits."""
        wanted = " ".join([name, *(f"{key}={value}" for key, value in fields.items())])
        self.wait_until(
            lambda: self.events(name, since, **fields), f"the log says {wanted}",
            lambda: f"; it says {[event['event'] for event in self.events(since=since)]}")
        return self.events(name, since, **fields)[0]

    def wait_until(self, condition, what, detail=lambda: "", patience=PATIENCE):
        left, last = patience, time.monotonic()
        while not condition():
            if self.process.poll() is not None:
                raise Unexpected(f"the server ended with {self.process.returncode} before {what}: {self._last_words()}")
            if left <= 0:
                raise Unexpected(f"not within {patience} s: {what}{detail()}")
            time.sleep(0.01)
            # A machine that stands still for a while, as virtual ones do, uses up no patience.
            now = time.monotonic()
            left, last = left - min(now - last, 1), now

    def _last_words(self):
        with open(self._log_path, errors="replace") as log:
            return log.read()[-2000:]

    def _all(self):
        with open(self._log_path, "rb") as log:
            log.seek(self._offset)
            octets = log.read()
        self._offset += len(octets)
        *lines, self._rest = (self._rest + octets).split(b"\n")
        for line in lines:
            try:
                self._events.append(json.loads(line))
            except ValueError:
                # A crash does not speak JSON.
                self._events.append({"event": "not-json", "text": line.decode(errors="replace")})
        return self._events
