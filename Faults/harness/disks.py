"""File systems in files, whose power can be cut. They are mounted in a namespace of the harness's own, so that they vanish
with it, however it ends."""
import contextlib
import fcntl
import os
import struct
import subprocess
import time

from support.rows import Unexpected

FILE_SYSTEMS = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}
OPTIONS = {"ext4": "loop", "xfs": "loop,nouuid"}
"""nouuid: a snapshot has the identity of what it is a snapshot of."""
SIZE = 400 << 20
"""Octets, for the most part holes; xfs takes no less than 300 MB."""


class Disk:
    """A file system of that kind in a file of its own."""

    def __init__(self, kind, image):
        self.kind, self.image, self._place = kind, image, None

    @classmethod
    def made(cls, kind, image, size=SIZE, options=()):
        with open(image, "wb") as file:
            file.truncate(size)
        run(*FILE_SYSTEMS[kind], *options, image)
        return cls(kind, image)

    def mount(self, place):
        os.makedirs(place, exist_ok=True)
        # What the last mount has left of its device may take a moment.
        run("mount", "-o", OPTIONS[self.kind], self.image, place)
        self._place = place

    def unmount(self):
        """All of what was written reaches the image, unless the file system was shut down."""
        deadline = time.monotonic() + 20
        while self._place:
            try:
                run("umount", self._place)
                self._place = None
            except Unexpected:
                # A process that was killed a moment ago has its files open yet.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextlib.contextmanager
    def mounted(self, place):
        self.mount(place)
        try:
            yield place
        finally:
            self.unmount()

    def cut_power(self):
        """From now on nothing more reaches the disk, not even what is in the file system's log (FS_IOC_SHUTDOWN without
        flushing); every access is an error."""
        descriptor = os.open(self._place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(descriptor, 0x8004587D, struct.pack("I", 2))
        finally:
            os.close(descriptor)

    def snapshot(self, image):
        """What the disk would hold if the power were cut at this moment; the image must lie on a disk with reflinks."""
        run("cp", "--reflink=always", self.image, image)
        return Disk(self.kind, image)


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Unexpected(f"{' '.join(command)}: {result.stderr.strip()}")
