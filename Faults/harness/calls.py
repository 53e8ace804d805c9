"""The calls by which a server changes and syncs its files: counted, and one of them let fail."""
import mmap
import os
import struct
from collections import namedtuple

from support.certificates import run

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls.c")
_HEADER, _NOTE, _NOTES = struct.Struct("=qqqi36s"), struct.Struct("=hhiqq104s"), 16_384
NAMES = ["write", "sync", "truncate", "rename", "unlink", "make"]

Call = namedtuple("Call", "name was_chosen has_failed offset length path")
"""offset: -1 where the file's own place is meant. path: its end, if it is long; of a rename the new one."""


def trusted_again(calls):
    """The paths that were synced after a sync of them had failed, although what that one may have lost was not written again:
    the kernel lets such a sync succeed.

    calls: of one process, or of several one after the other, with one sync among them that was let fail."""
    pending, doubtful, found = {}, {}, []
    for call in calls:
        if call.name == "sync":
            changes = pending.pop(call.path, None)
            if call.was_chosen:
                if changes:
                    doubtful[call.path] = changes
            elif call.path in doubtful:
                found.append(call.path)
                del doubtful[call.path]
        elif not call.was_chosen and not call.has_failed:
            for path in (call.path, os.path.dirname(call.path)):
                pending.setdefault(path, _Changes()).add(call)
                if path in doubtful and doubtful[path].is_made_again_by(call, path):
                    del doubtful[path]
    return found


class _Changes:
    """What has changed in a file or a folder: octets from one place to another."""

    def __init__(self):
        self._changed, self._again = [], []

    def add(self, call):
        if call.name == "write":
            self._changed.append(self._octets(call, self._changed))

    def is_made_again_by(self, call, path):
        """A folder is written as a whole, with each of its entries; of a file that was not replaced all octets must come."""
        if call.name != "write" or path != call.path:
            return call.name != "write"
        self._again.append(self._octets(call, self._again))
        return all(self._is_there_again(*octets) for octets in self._changed)

    @staticmethod
    def _octets(call, others):
        """One call writes behind the other where it does not say where to."""
        start = call.offset if call.offset >= 0 else others[-1][1] if others else 0
        return start, start + call.length

    def _is_there_again(self, start, end):
        for begin, close in sorted(self._again):
            if begin <= start < close:
                start = close
        return start >= end


class Calls:
    """`wrapper` goes before the server's command. folders: whose files are meant."""

    def __init__(self, folder, folders):
        path, library = f"{folder}/calls", f"{folder}/calls.so"
        run("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, _SOURCE, "-ldl")
        with open(path, "wb") as file:
            file.truncate(_HEADER.size + _NOTES * _NOTE.size)
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.wrapper = [
            "env", f"LD_PRELOAD={library}", f"POSTERN_CALLS={path}", f"POSTERN_CALLS_IN={':'.join(folders)}"]

    def choose(self, number, error=0, suffix=""):
        """From now on they are counted from 1, those of files whose path ends so. The one of that number fails with that
        error, or, without one, does nothing and says that it did. 0: none; -1: those that fail by themselves say that they did not."""
        # What is chosen is told last.
        _HEADER.pack_into(self._map, 0, 0, 0, 0, error, suffix.encode())
        struct.pack_into("=q", self._map, 0, number)

    def let_go(self):
        """From now on none is chosen; what was noted stays."""
        struct.pack_into("=q", self._map, 0, 0)

    @property
    def counted(self):
        return _HEADER.unpack_from(self._map, 0)[1]

    @property
    def noted(self):
        """All calls since the last choice, in their order."""
        count = min(_HEADER.unpack_from(self._map, 0)[2], _NOTES)
        return [self._call(number) for number in range(count)]

    @property
    def chosen(self):
        """The call that was chosen, if it has come."""
        return next((call for call in self.noted if call.was_chosen), None)

    def _call(self, number):
        name, was_chosen, has_failed, offset, length, path = _NOTE.unpack_from(self._map, _HEADER.size + number * _NOTE.size)
        return Call(NAMES[name], bool(was_chosen), bool(has_failed), offset, length, path.split(b"\0")[0].decode())
