"""Messages whose octets somebody between the sender and the next hop might change, and did in some program."""

HEADER = (
    b"From: alice@example.org\r\nDate: Wed, 25 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nSubject: x\r\n"
    b"\r\n")
CONTENTS = {
    "a line": b"hello\r\n",
    "dots": b".\r\n..\r\n.a\r\n...\r\n. \r\n\r\n.\r\n",
    "no text": b"",
    "empty lines": b"\r\n\r\n\r\n",
    "8-bit": "Grüße, \u2028 and NBSP\u00a0\r\n".encode() + b"\xff\xfe\x80\r\n",
    "control characters": bytes(range(1, 10)) + b"\x0b\x0c" + bytes(range(14, 32)) + b"\x7f\r\n",
    "long lines": (b"x" * 997 + b"\r\n") * 20,
}
"""The texts, by what is special in them."""


def many_lines(count):
    """A text that does not fit into memory's share of a message, with a dot before each line."""
    return b"".join(b".%07d %s\r\n" % (number, b"y" * (number % 70)) for number in range(count))
