"""A next hop that does something wrong at one place of the dialogue."""
import socket
import struct
import threading
import time

PLACES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "content", "end of data"]


# MARK: what goes wrong. Each takes the connection and the right reply, and returns how the dialogue goes on.

AS_ASKED, OTHERWISE, ENDED = "as asked", "otherwise", None


def drop(peer, _):
    peer.shutdown(socket.SHUT_RDWR)
    return ENDED


def reset(peer, _):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return ENDED


def stall(peer, reply):
    time.sleep(0.3)
    peer.sendall(reply)
    return AS_ASKED


def octet_by_octet(peer, reply):
    for octet in reply:
        peer.sendall(bytes([octet]))
        time.sleep(0.001)
    return AS_ASKED


def saying(octets, then=OTHERWISE):
    def say(peer, _):
        peer.sendall(octets)
        return then
    return say


def said_twice(peer, reply):
    peer.sendall(reply + reply)
    return AS_ASKED


def clear_behind_220(peer, _):
    """Says that TLS may begin, and goes on in clear."""
    peer.sendall(b"220 2.0.0 go\r\n")
    peer.recv(65_536)
    peer.sendall(b"500 5.5.1 what?\r\n")
    return ENDED


class WrongHop:
    """A good next hop, but for one fault at one place, once."""

    def __init__(self, capabilities):
        *lines, last = [b"hop", *capabilities]
        self._capabilities = b"".join(b"250-%s\r\n" % line for line in lines) + b"250 %s\r\n" % last
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._peers = []
        self.plan = None
        self.messages = []
        threading.Thread(target=self._accept, daemon=True).start()

    def do(self, place, fault):
        """The next time at that place."""
        for peer in self._peers:
            # So that what comes next is a connection from its beginning.
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._peers = []
        time.sleep(0.02)
        self.plan = (place, fault)

    def _accept(self):
        while True:
            peer, _ = self._listener.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            with peer, peer.makefile("rb") as lines:
                goes_on = self._say(peer, "greeting", b"220 hop ESMTP\r\n")
                while goes_on:
                    goes_on = self._command(peer, lines)
        except OSError:
            pass

    def _command(self, peer, lines):
        verb = lines.readline()[:4].upper()
        if verb == b"EHLO":
            return self._say(peer, "EHLO", self._capabilities)
        if verb == b"DATA":
            how = self._say(peer, "DATA", b"354 go on\r\n")
            return self._content(peer, lines) if how == AS_ASKED else how
        if verb == b"STAR":
            return self._say(peer, "STARTTLS", b"454 4.7.0 no TLS\r\n")
        if verb in (b"", b"QUIT"):
            return ENDED
        return self._say(peer, {b"MAIL": "MAIL", b"RCPT": "RCPT"}.get(verb, ""), b"250 2.0.0 ok\r\n")

    def _content(self, peer, lines):
        content = bytearray()
        while line := lines.readline():
            if line == b".\r\n":
                self.messages.append(bytes(content))
                return self._say(peer, "end of data", b"250 2.0.0 queued as 7\r\n")
            content += line
            if len(content) > 50_000 and self._say(peer, "content", b"") == ENDED:
                return ENDED
        return ENDED

    def _say(self, peer, place, reply):
        fault = self.fault_at(place)
        if fault:
            return fault(peer, reply)
        if reply:
            peer.sendall(reply)
        return AS_ASKED

    def fault_at(self, place):
        """What is to go wrong there now, if anything is."""
        if not self.plan or self.plan[0] != place:
            return None
        fault, self.plan = self.plan[1], None
        return fault
