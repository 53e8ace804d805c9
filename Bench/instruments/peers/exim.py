from support.machine import ROOT

from ..bench import PORT
from ..daemon import Daemon

CONFIGURATION = """\
primary_hostname = mail.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = /etc/exim4/bench/server.pem
tls_privatekey = /etc/exim4/bench/server.key
tls_try_verify_hosts = *
tls_verify_certificates = /etc/exim4/bench/ca.pem
smtp_accept_max = {connections}
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 0
smtp_connect_backlog = 512
message_size_limit = 52428800
never_users = root
keep_environment =
acl_smtp_mail = shown
acl_smtp_rcpt = shown
acl_smtp_data = taken
begin acl
shown:
  require message = a certificate is required
          verify = certificate
  accept
taken:
  accept
begin routers
{router}
begin transports
next:
  driver = smtp
  port = {next_hop}
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1h,1m
"""
NOWHERE = """\
all:
  driver = redirect
  data = :blackhole:
"""
ONWARDS = """\
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  host_find_failed = defer
  transport = next
"""


class Exim:
    """Debian's, which takes a process for each connection, and another for each delivery."""

    name = "Exim"
    relays = True

    @staticmethod
    def is_there(bench):
        return True

    def __init__(self, bench, place, next_hop, idle=0):
        machine, user = bench.machine, bench.machine.ids["Debian-exim"]
        machine.spool("/var/spool/exim4", f"{place}/spool", user)
        for folder in ("/var/log/exim4", "/run/exim4"):
            machine.folder(folder, user)
        for source, path in (
                (bench.server.certificate, "server.pem"), (bench.server.key, "server.key"),
                (bench.authority.certificate, "ca.pem")):
            machine.bring(source, f"/etc/exim4/bench/{path}", user, 0o600)
        machine.write("/etc/exim4/exim4.conf", CONFIGURATION.format(
            port=PORT, connections=100 + idle, next_hop=next_hop or 25, router=ONWARDS if next_hop else NOWHERE))
        self.daemon = Daemon(place, PORT, ["chroot", ROOT, "/usr/sbin/exim4", "-bdf", "-q1m"], bench.is_first)

    def stop(self):
        self.daemon.stop()
