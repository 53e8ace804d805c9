import os
import subprocess

from support.machine import ROOT

from ..bench import PORT
from ..daemon import Daemon

MAIN = """\
compatibility_level = 3.6
myhostname = mail.example.org
mydestination =
mynetworks = 192.0.2.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
maillog_file = /var/log/postfix.log
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = /etc/bench/server.pem
smtpd_tls_key_file = /etc/bench/server.key
smtpd_tls_CAfile = /etc/bench/ca.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_loglevel = 0
relay_clientcerts = inline:{{{fingerprint}=alice}}
smtpd_relay_restrictions = permit_tls_clientcerts, reject
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
default_process_limit = {processes}
message_size_limit = 52428800
mailbox_size_limit = 0
{transport}
"""


class Postfix:
    """Debian's, as it comes, but for what the work takes."""

    name = "Postfix"
    relays = True

    @staticmethod
    def is_there(bench):
        return True

    def __init__(self, bench, place, next_hop, idle=0):
        machine = bench.machine
        for source, path in (
                (bench.server.certificate, "server.pem"), (bench.server.key, "server.key"),
                (bench.authority.certificate, "ca.pem")):
            machine.bring(source, f"/etc/bench/{path}", mode=0o600)
        machine.run("""
            cd /usr/share/postfix
            cp dynamicmaps.cf makedefs.out /etc/postfix/
            cp main.cf.dist /etc/postfix/main.cf.proto
            cp master.cf.dist /etc/postfix/master.cf.proto
            sed 's/^smtp  *inet/127.0.0.1:%d inet/' master.cf.dist > /etc/postfix/master.cf""" % PORT)
        machine.write("/etc/postfix/main.cf", MAIN.format(
            fingerprint=_fingerprint(bench.alice.certificate), processes=100 + idle,
            transport=f"relayhost = [127.0.0.1]:{next_hop}" if next_hop else "default_transport = discard:"))
        machine.spool("/var/spool/postfix", f"{place}/spool")
        machine.folder("/var/lib/postfix", machine.ids["postfix"])
        machine.run("postfix set-permissions; /usr/lib/postfix/configure-instance.sh -")
        self.daemon = Daemon(place, PORT, ["chroot", ROOT, "postfix", "start-fg"], bench.is_first)

    def stop(self):
        self.daemon.stop()


def _fingerprint(certificate):
    return subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True,
        check=True).stdout.strip().split("=")[1]
