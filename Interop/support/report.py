"""A report of delivery, read by a library that Postern does not know."""
import email
import email.policy

from .rows import expect, expect_equal


class Report:
    """RFC 3464, RFC 6522: what every report must be is checked when it is read."""

    def __init__(self, raw):
        """raw: the octets behind DATA, with the end of data."""
        self.raw = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in raw[:-5].split(b"\r\n"))
        expect(self.raw.isascii(), "8-bit octets in a report")
        expect(all(len(line) <= 998 for line in self.raw.split(b"\r\n")), "a line of more than 998 octets in a report")
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)
        expect_equal([part.defects for part in self.message.walk() if part.defects], [], "defects")
        expect_equal(self.message["From"], "MAILER-DAEMON@mail.example.org", "From")
        expect_equal(self.message["To"], "alice@example.org", "To")
        expect_equal(self.message["Auto-Submitted"], "auto-replied", "Auto-Submitted")
        expect(self.message["Date"].datetime and self.message["Message-ID"], "Date and Message-ID")
        expect_equal(self.message.get_content_type(), "multipart/report", "the type")
        expect_equal(self.message.get_param("report-type"), "delivery-status", "report-type")
        parts = list(self.message.iter_parts())
        expect_equal(len(parts), 3, "parts")
        words, status, self.returned = parts
        expect_equal(words.get_content_type(), "text/plain", "the first part")
        expect_equal(status.get_content_type(), "message/delivery-status", "the second part")
        self.words = words.get_content()
        self.about, *recipients = status.get_payload()
        self.about = dict(self.about.items())
        expect_equal(self.about.get("Reporting-MTA"), "dns; mail.example.org", "Reporting-MTA")
        expect("Arrival-Date" in self.about, "Arrival-Date")
        self.recipients = {}
        for fields in map(lambda part: dict(part.items()), recipients):
            for name in ("Final-Recipient", "Action", "Status"):
                expect(name in fields, f"a recipient without {name}: {fields}")
            address = fields["Final-Recipient"].removeprefix("rfc822; ")
            expect(address not in self.recipients, f"{address} stands twice")
            expect(address in self.words, f"{address} is not in the words")
            self.recipients[address] = fields

    @property
    def title(self):
        return self.message["Subject"]

    @property
    def actions(self):
        return {address: fields["Action"] for address, fields in self.recipients.items()}
