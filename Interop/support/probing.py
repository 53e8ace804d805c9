"""Runs `postern probe`, and counts at the server what it does there."""
import json
import socket
import subprocess
import threading
import time

from . import schema
from .rows import expect, expect_equal

SENDER, RECIPIENT = "alice@example.org", "alice@elsewhere.example"
STATUSES = {
    "BOTH": 0, "A-ONLY": 10, "B-ONLY": 11, "IGNORES-CERTIFICATES": 12, "GATE": 13, "EXTERNAL-BROKEN": 20,
    "CERTIFICATE-NOT-TRUSTED": 21, "OPEN-OR-IP-TRUSTED": 30, "INCONCLUSIVE": 30, "UNREACHABLE": 69, "TEMPORARY": 75,
}
CONNECTIONS, EXTENDED_CONNECTIONS, FAILURES = 6, 12, 3


class Asker:
    """Somebody with a certificate, or without, who asks."""

    def __init__(self, postern, authority, credential):
        self._postern, self._authority, self._credential = postern, authority, credential

    def command(self, server, *options, recipient=RECIPIENT, certificate=True):
        credential = ["--certificate", self._credential.certificate, "--key", self._credential.key] if certificate else []
        return [
            self._postern, "probe", server, "--ca", self._authority, *credential, "--from", SENDER,
            *(["--rcpt", recipient] if recipient else []), "--ehlo", "client.example.org", *options]

    def ask(self, port, start, *options, host="localhost", **arguments):
        """What it says of a port, as JSON gives it; the exit status must be that of the verdict."""
        command = self.command(f"{host}:{port}", "--tls", start, "--json", *options, **arguments)
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        expect(result.stdout, f"{' '.join(command)} says nothing, but {result.returncode} {result.stderr}")
        report = json.loads(result.stdout)
        schema.check(report, schema.load("probe.schema.json"))
        (found,) = report["ports"]
        expect_equal(result.returncode, STATUSES[found["verdict"]], f"the exit status of {found['verdict']}")
        expect_equal(report["limits"]["contentSent"], False, "content sent")
        found["failed"] = report["limits"]["failedAuthentications"]
        return found


class Counter:
    """Stands before a server, hands octets on, and counts connections.

    source: the address from which the server sees it come."""

    def __init__(self, port, host="127.0.0.1", source=None):
        self._target, self._source = (host, port), source
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.moments = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.moments.append(time.monotonic())
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(
                self._target, timeout=30, source_address=(self._source, 0) if self._source else None)
        except OSError:
            client.close()
            return
        # However long the server thinks.
        server.settimeout(None)
        threading.Thread(target=self._pass_on, args=(server, client), daemon=True).start()
        self._pass_on(client, server)

    @staticmethod
    def _pass_on(source, sink):
        try:
            while octets := source.recv(65_536):
                sink.sendall(octets)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for one in (source, sink):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def check_moments(moments, limit=CONNECTIONS):
    """No more connections than that, and a second from one to the next."""
    expect(len(moments) <= limit, f"at most {limit} connections, found {len(moments)}")
    for first, second in zip(moments, moments[1:]):
        # What it costs to accept is not the probe's.
        expect(second - first > 0.9, f"a second between connections, found {second - first:.2f} s")


def findings(report):
    return [finding["id"] for finding in report["findings"]]
