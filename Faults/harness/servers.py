"""The servers that the harnesses try. Each takes messages, brings them to one next hop, and can be killed and started again
over the same state."""
import glob
import json
import os
import re
import signal
import subprocess
import time

from support.dialogue import client_context
from support.machine import ROOT, Machine, await_greeting
from support.rows import Unexpected, expect, expect_equal
from support.server import PATIENCE
from support.site import Site

from .patience import await_condition

LISTENERS = {"submission": {"tls": "starttls"}, "submissions": {"tls": "implicit"}}
PEER_PORT = 2587


class Postern:
    name = "postern"

    def __init__(self, postern, folder, hop, wrapper=(), schedule=None, limits=None, routes=()):
        self.site = Site(postern, folder)
        self.context = client_context(self.site.authority.certificate, self.site.alice)
        self.state = f"{folder}/state"
        os.makedirs(self.state, exist_ok=True)
        self._postern = postern
        self._hop_port, self._sections = hop.port, (schedule or {"retry": "[1s]"}, limits, routes)
        self._wrapper = wrapper
        self.server = self._made()
        self._told, self._has_run = 0, False

    def _made(self):
        schedule, limits, routes = self._sections
        return self.site.server(
            LISTENERS, next_hop=f"127.0.0.1:{self._hop_port}", wrapper=self._wrapper, schedule=schedule, limits=limits,
            routes=routes)

    def send_to(self, hop):
        """From the next start on mail goes to this hop."""
        self._hop_port = hop.port
        self._renew()

    def wrapped(self, *wrapper):
        """From the next start on it runs under this."""
        self._wrapper = wrapper
        self._renew()

    def _renew(self):
        self._told, self._has_run = self.told, False
        self.server = self._made()

    def start(self):
        self._told, self._has_run = self.told, True
        self.server.start()

    @property
    def told(self):
        """Of how many deliveries its log has said, over all starts, that they may be made twice."""
        if not self._has_run:
            return 0
        interrupted = sum(event["recipients"] for event in self.server.events("deliveries-interrupted"))
        return self._told + interrupted + len(self.server.events("deferred", uncertain=True))

    def kill(self):
        self.server.end()

    def stop(self):
        self.server.stop()

    def end_without_disk(self):
        """The disk is gone: the server ends by itself, so that a fresh one reads what is there."""
        expect_equal(self.server.process.wait(PATIENCE), 75, "exit status without a disk")

    def places(self):
        return [(self.server.ports[name], settings["tls"]) for name, settings in LISTENERS.items()]

    def queued(self):
        """The ids of the messages in its queue that are whole: one whose body is gone is lost, though its row is there."""
        return {message["id"] for message in self.queue() if is_whole(message)}

    def queue(self):
        """The messages in its queue, as `postern queue list --json` tells."""
        listed = None

        def is_listed():
            # A server listens for mail a moment before it listens for commands.
            nonlocal listed
            listed = subprocess.run(
                [self._postern, "queue", "list", "--json", "--state", self.state], capture_output=True, text=True,
                timeout=60)
            return listed.returncode == 0
        await_condition(is_listed, "the queue is listed", 5, lambda: f": {listed.stderr}")
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def retry(self):
        """Everything that waits is tried now."""
        for action in ("release", "retry"):
            subprocess.run(
                [self._postern, "queue", action, "--all", "--state", self.state], capture_output=True, timeout=60,
                check=True)

    def drain(self, patience=PATIENCE * 3):
        """Until the queue is empty."""
        left = self.queued()
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            self.retry()
            time.sleep(0.1)
            left = self.queued()
        return left


def is_whole(message):
    return all(recipient["state"] != "damaged" for recipient in message["recipients"])


class Peer:
    """A server of Debian's that is unpacked, not installed. It takes mail in clear from this machine alone."""

    context = None

    def places(self):
        return [(PEER_PORT, "none")]

    def start(self):
        self._process = self.start_process()
        await_greeting(PEER_PORT, self.word)

    def kill(self):
        """SIGKILL to all its processes: those whose root is the machine's."""
        while victims := list(self._processes()):
            for process in victims:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if self._process:
                self._process.wait()
            time.sleep(0.01)

    stop = kill

    def end_without_disk(self):
        """Some of these go on, and refuse mail."""

    @staticmethod
    def _processes():
        for link in glob.glob("/proc/[0-9]*/root"):
            try:
                with open(f"{os.path.dirname(link)}/stat") as status:
                    is_dead = status.read().rsplit(")", 1)[1].split()[0] == "Z"
                if os.readlink(link).startswith(ROOT) and not is_dead:
                    yield int(link.split("/")[2])
            except OSError:
                continue

    def drain(self, patience=PATIENCE * 3):
        left = self.queued()
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            self.retry()
            time.sleep(0.3)
            left = self.queued()
        return left


class Postfix(Peer):
    name, word = "postfix", "Postfix"
    MAIN = """\
compatibility_level = 3.6
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
relay_domains = example.org example.net
maillog_file = /var/log/postfix.log
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_client_connection_count_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
relayhost = [127.0.0.1]:{port}
"""

    def __init__(self, postern, folder, hop):
        self.machine = Machine("postfix", ["postfix", "postdrop"], ["mail.example.org"])
        self.machine.run("""
            cd /usr/share/postfix
            cp dynamicmaps.cf makedefs.out /etc/postfix/
            cp main.cf.dist /etc/postfix/main.cf.proto
            cp master.cf.dist /etc/postfix/master.cf.proto
            sed 's/^smtp  *inet/127.0.0.1:%d inet/' master.cf.dist > /etc/postfix/master.cf""" % PEER_PORT)
        self.send_to(hop)
        self.machine.folder("/var/lib/postfix", self.machine.ids["postfix"])
        self.machine.run("mkdir -p /var/spool/postfix")
        self.state = self.machine.path("/var/spool/postfix")
        self._process = None

    def send_to(self, hop):
        self.machine.write("/etc/postfix/main.cf", self.MAIN.format(port=hop.port))

    def start_process(self):
        self.machine.run("""
            chmod 755 /var/spool/postfix
            postfix set-permissions create-missing; /usr/lib/postfix/configure-instance.sh -
            rm -f /var/spool/postfix/pid/*""")
        return self.machine.start("postfix", "start-fg")

    def queued(self):
        listed = self.machine.run("postqueue -j")
        return {json.loads(line)["queue_id"] for line in listed.splitlines()}

    def retry(self):
        self.machine.run("postsuper -r ALL deferred 2>/dev/null || true; postqueue -f")


class Exim(Peer):
    name, word = "exim", "Exim"
    CONFIGURATION = """\
primary_hostname = mail.example.org
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
pid_file_path = /run/exim4/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {listens}
exim_user = Debian-exim
exim_group = Debian-exim
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 0
smtp_accept_max = 100
never_users = root
keep_environment =
acl_smtp_rcpt = accept_all
acl_smtp_data = accept_all
begin acl
accept_all:
  accept
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  host_find_failed = defer
  transport = next
begin transports
next:
  driver = smtp
  port = {port}
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1h,1s
"""

    def __init__(self, postern, folder, hop):
        self.machine = Machine("exim", ["Debian-exim"], ["mail.example.org"])
        for path in ("/var/spool/exim4", "/var/log/exim4", "/run/exim4"):
            self.machine.folder(path, self.machine.ids["Debian-exim"])
        self.send_to(hop)
        self.state = self.machine.path("/var/spool/exim4")
        self._process = None

    def send_to(self, hop):
        self.machine.write("/etc/exim4/exim4.conf", self.CONFIGURATION.format(listens=PEER_PORT, port=hop.port))

    def start_process(self):
        self.machine.folder("/var/spool/exim4", self.machine.ids["Debian-exim"], 0o750)
        return self.machine.start("exim4", "-C", "/etc/exim4/exim4.conf", "-bdf", "-q1s")

    def queued(self):
        return set(re.findall(r"\b\w{6}-\w{6}-\w{2}\b", self.machine.run("exim4 -C /etc/exim4/exim4.conf -bp")))

    def retry(self):
        self.machine.run("exim4 -C /etc/exim4/exim4.conf -qff >/dev/null 2>&1 || true")


SERVERS = {server.name: server for server in (Postern, Postfix, Exim)}
PEERS = ["postfix", "exim"]
