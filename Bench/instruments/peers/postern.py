from ..bench import CONNECTIONS, PORT
from ..daemon import Daemon

ACCOUNTS = """\
accounts:
  alice:
    addresses: [alice@example.org]
"""
CONFIGURATION = """\
hostname: mail.example.org
state: {place}/state
tls: {{ certificate: {server.certificate}, key: {server.key} }}
client-certificates:
  authorities: [{{ file: {authority}, domains: [example.org] }}]
accounts: {place}/accounts.yaml
next-hop: {next_hop}
listeners:
  submission: {{ address: 127.0.0.1, port: {port}, tls: starttls }}
limits: {{ connections: {connections}, connections-per-address: {connections} }}
"""


class Postern:
    name = "Postern"
    relays = True

    @staticmethod
    def is_there(bench):
        return True

    def __init__(self, bench, place, next_hop, idle=0, more=""):
        """next_hop: a port of this machine, or None for nowhere. idle: how many connections are to be open at once.
        more: further lines of the configuration."""
        with open(f"{place}/accounts.yaml", "w") as file:
            file.write(ACCOUNTS)
        with open(f"{place}/postern.yaml", "w") as file:
            file.write(CONFIGURATION.format(
                place=place, server=bench.server, authority=bench.authority.certificate, port=PORT,
                connections=CONNECTIONS, next_hop=f"127.0.0.1:{next_hop}" if next_hop else "discard:") + more)
        self.daemon = Daemon(
            place, PORT, [bench.postern, "serve", "--config", f"{place}/postern.yaml"], bench.is_first)

    def stop(self):
        self.daemon.stop()
