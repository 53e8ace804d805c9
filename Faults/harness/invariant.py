"""The invariant: what was acknowledged is at the next hop, or was reported, or is in the queue; and it is what was sent."""
from support.rows import expect


class Verdict:
    """acknowledged: the 250s by marker, as `Load.acknowledgements`. hops: where the server has brought messages. queued:
    the ids of what its queue holds."""

    def __init__(self, acknowledged, hops, queued=()):
        arrivals, self.reported = {}, set()
        for hop in hops:
            self.reported |= {marker.decode() for marker in hop.reported}
            for marker, found in hop.arrivals.items():
                arrivals.setdefault(marker, []).extend(found)
        queued = set(queued)
        self.acknowledged = acknowledged
        self.arrived = arrivals
        self.queued = {marker for marker, one in acknowledged.items() if one.queue_id in queued}
        self.lost = sorted(set(acknowledged) - set(arrivals) - self.reported - self.queued)
        self.doubled = sorted(marker for marker, found in arrivals.items() if len(found) > 1)
        self.corrupt = sorted(
            marker for marker, one in acknowledged.items()
            if any(arrival.digest != one.digest for arrival in arrivals.get(marker, [])))
        self.unasked = set(arrivals) - set(acknowledged)

    def __str__(self):
        return (
            f"{len(self.acknowledged)} acknowledged: {len(self.lost)} lost, {len(self.corrupt)} corrupt, "
            f"{len(self.doubled)} doubled, {len(self.reported)} reported, {len(self.queued)} queued")

    def hold_at_hop(self, told=None):
        """The same where the next hop takes everything, and was given the time. told: of how many the log has said that they
        may come twice; without it nobody has looked."""
        note = self.hold()
        expect(not self.queued, f"{self}; still queued: {sorted(self.queued)[:5]}")
        expect(not self.reported, f"{self}; reported: {sorted(self.reported)[:5]}")
        if told is not None:
            expect(len(self.doubled) <= told, f"{self}, and the log told of {told}")
            note += f" (the log told of {told} that might be)"
        return note

    def hold(self):
        """Fails unless nothing is lost and nothing is corrupt. Returns what there is to say."""
        expect(self.acknowledged, "nothing was acknowledged")
        expect(not self.lost and not self.corrupt, f"{self}; lost {self.lost[:5]}, corrupt {self.corrupt[:5]}")
        return str(self)
