"""Messages sent one by one, where the reply to each matters."""
import time

from support.dialogue import Dialogue
from support.load import RECIPIENT, Acknowledgement, body, digest_of, message


class Sender:
    """postern: where to. timeout: seconds for anything that the server does."""

    def __init__(self, postern, timeout=20):
        self._postern, self._timeout = postern, timeout
        self.acknowledged, self._count = {}, 0

    def open(self):
        port = self._postern.server.ports["submissions"]
        return Dialogue.open(port, "implicit", self._postern.context, timeout=self._timeout)

    def send(self, client, size, by_chunks=False):
        """Returns the reply that decided, and whether it came to MAIL or at the end."""
        self._count += 1
        marker = f"m{self._count}"
        reply = client.command("MAIL FROM:<alice@example.org>")
        if reply.code != 250:
            return reply, "MAIL"
        client.expect(250, f"RCPT TO:<{RECIPIENT}>")
        octets = message(marker, size)
        if by_chunks:
            octets = octets.removesuffix(b".\r\n")
            half = len(octets) // 2
            client.send(f"BDAT {half}\r\n".encode() + octets[:half])
            client.expect(250, None)
            client.send(f"BDAT {len(octets) - half} LAST\r\n".encode() + octets[half:])
        else:
            client.expect(354, "DATA")
            client.send(octets)
        reply = client.reply()
        if reply.code == 250:
            self.acknowledged[marker] = Acknowledgement(
                reply.lines[0].rsplit(" ", 1)[1], digest_of(body(marker, size).encode()), time.monotonic())
        return reply, "the end"
