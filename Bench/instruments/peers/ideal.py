import os

from ..bench import PORT
from ..daemon import Daemon


class Ideal:
    """A bare server: TLS by the library that Postern uses, replies of fixed words, a thread that appends and syncs, and
    nothing else. It is no part of this repository, and measured where somebody has it."""

    name = "ideal"
    relays = False

    @staticmethod
    def is_there(bench):
        return bench.ideal is not None

    def __init__(self, bench, place, next_hop, idle=0):
        os.mkdir(f"{place}/store")
        self.daemon = Daemon(
            place, PORT,
            [
                bench.ideal, "--port", str(PORT), "--workers", "2", "--cert", bench.server.certificate, "--key",
                bench.server.key, "--client-ca", bench.authority.certificate, "--require-cert", "--auth", "--store",
                f"{place}/store", "--sync", "thread",
            ], bench.is_first)

    def stop(self):
        self.daemon.stop()
