"""The machine, the certificates, the generator and the next hop: what all measurements have in common."""
import json
import os
import resource
import shutil
import subprocess

from support.certificates import Authority
from support.machine import Machine

from .failure import Failure
from .priority import put_first

PORT = 2587
CONNECTIONS = 20_000
"""So many a server may have open."""


class Bench:
    def __init__(self, options, folder):
        self.postern, self.fill_queue = f"{options.programs}/postern", f"{options.programs}/fill-queue"
        self._load = f"{options.programs}/postern-load"
        self.ideal, self.folder, self.is_first = options.ideal, folder, options.first
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.authority = Authority(self.postern, f"{folder}/authority", "Bench")
        self.server = self.authority.server()
        self.alice = self.authority.client("alice@example.org", "alice")
        self.machine = Machine("exim postfix", ["postfix", "postdrop", "Debian-exim"], ["mail.example.org"])
        self._sink = subprocess.Popen(
            [self._load, "sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.sink_pid, self.sink_port = self._sink.pid, int(self._sink.stdout.readline())
        if self.is_first:
            put_first(os.getpid())

    def end(self):
        self._sink.kill()
        self._sink.wait()

    def place(self, name="server"):
        """An empty folder for a server, on the disk of all."""
        place = f"{self.folder}/{name}"
        shutil.rmtree(place, ignore_errors=True)
        os.mkdir(place)
        os.chmod(place, 0o755)
        return place

    def arrived(self):
        """How many messages the sink has taken."""
        self._sink.stdin.write("\n")
        self._sink.stdin.flush()
        return int(self._sink.stdout.readline())

    def submit(self, *arguments):
        """Runs the generator. Returns what it says."""
        result = subprocess.run(self._command("submit", *arguments), capture_output=True, text=True)
        return _answer(result.stdout, result.stderr)

    def hold(self, connections):
        """Connections that have each sent a message and stay open."""
        return Held(self._command("hold", "--connections", str(connections)))

    def _command(self, *arguments):
        return [
            self._load, *arguments, "--port", str(PORT), "--ca", self.authority.certificate, "--certificate",
            self.alice.certificate, "--key", self.alice.key, "--from", "alice@example.org", "--to", "bob@example.com"]


class Held:
    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = _answer(self._process.stdout.readline(), "")["accepted"]

    def release(self):
        """Returns how many of them the server has closed meanwhile."""
        rest, _ = self._process.communicate("\n", timeout=60)
        return json.loads(rest)["dropped"]


def _answer(text, errors):
    try:
        answer = json.loads(text)
    except ValueError:
        raise Failure(f"the generator says {text!r} {errors.strip()[-500:]}") from None
    if answer["refused"]:
        raise Failure(f"the generator was refused {answer['refused']} messages: {answer['complaint']}")
    return answer
