"""What strace saw of a server: reads and writes on one client's connection, and the syncs between them."""
import re
from collections import namedtuple

STRACE = [
    # -D: the server itself is our child, and strace its guest.
    "strace", "-D", "-f", "-qq", "-ttt", "-yy", "-s", "0", "-e",
    "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync,sync_file_range,msync", "-o"]

READS = {"read", "readv", "recvfrom", "recvmsg"}
WRITES = {"write", "writev", "sendto", "sendmsg"}
SYNCS = {"fsync", "fdatasync"}

Call = namedtuple("Call", "name target begin end time result")
"""`begin` and `end` are places in the order in which strace saw the calls begin and end; `target` is a path, or
`TCP:[FROM->TO]`; `time` is seconds since 1970 at the begin."""

# "<TCP:[a->b]>" holds the character that ends a target: what follows it tells which one that is.
WHOLE = re.compile(r"(\d+) +(\d+\.\d+) (\w+)\(\d+<(.*?)>(?:[,)(].*)? += (-?\d+)")
UNFINISHED = re.compile(r"(\d+) +(\d+\.\d+) (\w+)\(\d+<(.*?)>(?:,.*)? *<unfinished \.\.\.>$")
RESUMED = re.compile(r"(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>.* = (-?\d+)")


def read(lines):
    """The calls of a trace, in the order of their ends."""
    calls, begun = [], {}
    for place, line in enumerate(lines):
        if found := UNFINISHED.match(line):
            process, time, name, target = found.groups()
            begun[process, name] = (target, place, float(time))
        elif found := RESUMED.match(line):
            process, _, name, result = found.groups()
            if (process, name) in begun:
                target, begin, time = begun.pop((process, name))
                calls.append(Call(name, target, begin, place, time, int(result)))
        elif found := WHOLE.match(line):
            _, time, name, target, result = found.groups()
            calls.append(Call(name, target, place, place, float(time), int(result)))
    return calls


def syncs_before_reply(calls, client_port, start, end):
    """The paths that were synced between the last octets that a client sent and the first reply to them.

    client_port: the port on the client's side. start, end: when the client sent its last octets, and when it had the
    reply, in seconds since 1970."""
    def is_here(call):
        return call.target.startswith("TCP") and f":{client_port}]" in call.target and call.result > 0 \
            and start <= call.time <= end

    written = next((call for call in calls if call.name in WRITES and is_here(call)), None)
    if written is None:
        raise LookupError(f"no reply to port {client_port} in the trace")
    reads = [call for call in calls if call.name in READS and is_here(call) and call.end < written.begin]
    if not reads:
        raise LookupError(f"no octets from port {client_port} in the trace")
    return [
        call.target for call in calls
        if call.name in SYNCS and call.result == 0 and reads[-1].end < call.begin and call.end < written.begin]
