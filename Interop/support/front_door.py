"""Postern on a machine of its own, as the page about a server behind it has it."""
import re

from .contents import CONTENTS, HEADER, many_lines
from .dialogue import Dialogue, client_context
from .machine import ROOT
from .rows import expect, expect_equal
from .server import Server
from .sink import stuffed
from .site import Site

BOB = "bob@example.net"
CONFIGURATION = "/etc/postern/postern.yaml"
DEFAULT_LISTENERS = {"submission": 587, "submissions": 465}
FIVE_MEGABYTES = 120_000
"""So many of `many_lines` are 5.3 MB."""


class FrontDoor:
    def __init__(self, postern, machine):
        self.machine = machine
        self.machine.show(postern, "/usr/local/bin/postern")
        self.machine.folder("/var/lib/postern", 0, 0o700)
        self.site = Site(postern, machine.path("/etc/postern"))
        credential, relay = self.site.authority.server(), self.site.authority.client("relay@example.org")
        for source, path in (
                (credential.certificate, "tls.pem"), (credential.key, "tls.key"),
                (self.site.authority.certificate, "devices-ca.pem"),
                (relay.certificate, "relay.pem"), (relay.key, "relay.key")):
            machine.bring(source, f"/etc/postern/{path}", mode=0o600)
        self._context = client_context(self.site.authority.certificate, self.site.alice)
        self._number = 0
        self.server = None

    def start(self, configuration, listeners=DEFAULT_LISTENERS):
        """Starts Postern with these lines, or starts it anew."""
        if self.server:
            self.server.stop()
        self.machine.write(CONFIGURATION, configuration)
        self.machine.run(f"postern check {CONFIGURATION}")
        self.server = Server("postern", CONFIGURATION, listeners, wrapper=("chroot", ROOT), log="/srv/postern.log")
        self.server.start()
        expect_equal(self.server.ports, dict(listeners), "ports")

    @staticmethod
    def with_next_hop(configuration, next_hop):
        """The same configuration with another next hop."""
        return re.sub(r"^next-hop: .*", f"next-hop: {next_hop}", configuration, flags=re.MULTILINE)

    def end(self):
        if self.server:
            self.server.end()

    def submit(
            self, text=b"hello\r\n", recipients=(BOB,), start="implicit", parameters=" BODY=8BITMIME",
            recipient_parameters=""):
        """Returns the queue id, and the content as it was sent."""
        self._number += 1
        content = HEADER.replace(b"<1@", b"<%d@" % self._number) + text
        port = {"starttls": 587, "implicit": 465}[start]
        with Dialogue.open(port, start, self._context) as client:
            client.expect(250, f"MAIL FROM:<alice@example.org>{parameters}")
            for recipient in recipients:
                client.expect(250, f"RCPT TO:<{recipient}>{recipient_parameters}")
            client.expect(354, "DATA")
            client.send(stuffed(content))
            return client.expect(250, None).lines[0].rsplit(" ", 1)[1], content

    def outcome(self, name, queue_id, recipient=BOB, **fields):
        """The log's event of an outcome, which must have these fields."""
        event = self.server.await_event(name, queue_id=queue_id, recipient=recipient)
        for key, value in fields.items():
            expect_equal(event.get(key), value, f"{key} of {name}: {event.get('reason')}")
        return event

    # MARK: rows that hold before any server

    def same_octets(self, arrived, changes=None):
        """What arrives is what was submitted, behind the fields of trace.

        arrived: finds the raw content with that Message-ID and its recipient; changes: what the server behind is known
        to make of a text, by the text's name."""
        for name, text in CONTENTS.items():
            self._octets(name, text, arrived, changes or {})
        return f"{len(CONTENTS)} messages"

    def five_megabytes(self, arrived):
        self._octets("5 MB", many_lines(FIVE_MEGABYTES), arrived, {})

    def _octets(self, name, text, arrived, changes):
        queue_id, content = self.submit(text)
        self.outcome("delivered", queue_id)
        raw = self.arrival(arrived, content)
        header, _, found = raw.partition(b"\r\n\r\n")
        expect_equal(shortened(found), shortened(changes.get(name, text)), f"{name}: the text")
        expect(header.endswith(HEADER.split(b"Message-ID")[0] + content[content.index(b"Message-ID"):].split(b"\r\n\r\n")[0])
               or name in changes, f"{name}: ends with the fields submitted: {header}")
        expect(header.startswith((b"Received: ", b"Return-Path: ")), f"{name}: begins with trace: {header[:40]}")
        expect_equal(raw.count(b"\r"), raw.count(b"\r\n"), f"{name}: CRs")
        expect_equal(raw.count(b"\n"), raw.count(b"\r\n"), f"{name}: LFs")

    def arrival(self, arrived, content):
        """The raw content that has arrived with the Message-ID of this one."""
        wanted = content[content.index(b"Message-ID: "):].split(b"\r\n")[0]
        self.server.wait_until(lambda: arrived(wanted), f"arrival of {wanted}")
        found = arrived(wanted)
        expect_equal(len(found), 1, f"copies of {wanted}")
        return found[0]


def shortened(octets):
    """Something that is equal only if the octets are, and that one can read."""
    return octets if len(octets) < 2_000 else f"{octets[:40]}… {len(octets)} octets, {hash(octets)}"


def unstuffed(raw):
    """The content of what stood on the wire, without its end of data."""
    lines = raw.removesuffix(b".\r\n").split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
