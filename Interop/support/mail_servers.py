"""Debian's mail servers, each set to log in by certificate in its own way, beside Postern under its policies."""
import re

from . import server_logs
from .aiosmtpd_server import AiosmtpdServer
from .certificates import Authority
from .certificates import run as run_program
from .machine import Machine, await_greeting
from .probing import SENDER, Asker
from .rows import expect
from .sink import Sink
from .site import Site

PKI = "/etc/probe"
DOVECOT_PASSWORD = "secret"

POSTFIX = """\
compatibility_level = 3.6
myhostname = postfix.test
mydestination =
mynetworks = 192.0.2.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
maillog_file = /var/log/postfix.log
default_transport = discard
smtpd_tls_cert_file = /etc/probe/server.pem
smtpd_tls_key_file = /etc/probe/server.key
smtpd_tls_CAfile = /etc/probe/ca.pem
smtpd_tls_security_level = encrypt
smtpd_tls_ask_ccert = yes
smtpd_tls_fingerprint_digest = sha256
relay_clientcerts = inline:{{ {{ {alice} = alice }}, {{ {stranger} = stranger }} }}
smtpd_relay_restrictions = permit_sasl_authenticated, permit_tls_clientcerts, reject_unauth_destination
smtpd_client_restrictions =
smtpd_recipient_restrictions =
smtpd_sasl_type = dovecot
smtpd_sasl_path = /run/dovecot-postfix/auth-client
smtpd_sasl_security_options = noanonymous
"""
POSTFIX_SERVICES = """
127.0.0.1:2587 inet n - n - - smtpd -v -o syslog_name=postfix/2587
127.0.0.1:2465 inet n - n - - smtpd -v -o syslog_name=postfix/2465 -o smtpd_tls_wrappermode=yes
127.0.0.1:3587 inet n - n - - smtpd -v -o syslog_name=postfix/3587 -o smtpd_tls_req_ccert=yes
127.0.0.1:3465 inet n - n - - smtpd -v -o syslog_name=postfix/3465 -o smtpd_tls_req_ccert=yes -o smtpd_tls_wrappermode=yes
127.0.0.1:4587 inet n - n - - smtpd -v -o syslog_name=postfix/4587 -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_mechanism_filter=static:all
127.0.0.1:4465 inet n - n - - smtpd -v -o syslog_name=postfix/4465 -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_mechanism_filter=static:all -o smtpd_tls_wrappermode=yes
"""

DOVECOT = """\
base_dir = /run/{name}
state_dir = /var/lib/{name}
log_path = /var/log/{name}.log
protocols = submission
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
ssl = required
ssl_cert = </etc/probe/server.pem
ssl_key = </etc/probe/server.key
ssl_ca = </etc/probe/ca.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
ssl_cert_username_field = commonName
auth_ssl_username_from_cert = yes
auth_mechanisms = external plain
auth_failure_delay = 0
passdb {{
  driver = static
  args = nopassword=y
  mechanisms = external
}}
passdb {{
  driver = static
  args = password={password}
  mechanisms = plain
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home=/home/vmail
}}
mail_location = maildir:/home/vmail/Maildir
hostname = dovecot.test
log_debug = category=smtp-server
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
{workaround}
service submission-login {{
  chroot =
  inet_listener submission {{
    address = 127.0.0.1
    port = {starttls}
  }}
  inet_listener submissions {{
    address = 127.0.0.1
    port = {implicit}
    ssl = yes
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

EXIM = """\
spool_directory = /var/spool/exim-{name}
log_file_path = /var/log/exim4/{name}-%s
pid_file_path = /run/exim-{name}.pid
daemon_smtp_ports = {starttls} : {implicit}
tls_on_connect_ports = {implicit}
primary_hostname = exim.test
keep_environment =
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = /etc/probe/exim.pem
tls_privatekey = /etc/probe/exim.key
tls_try_verify_hosts = *
tls_verify_certificates = /etc/probe/ca.pem
queue_only
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
begin acl
acl_mail:
  deny    message = 5.7.0 Authentication required
          !authenticated = *
  accept
acl_rcpt:
  accept  authenticated = *
  deny    message = 5.7.1 relay not permitted
begin routers
all:
  driver = accept
  transport = sink
begin transports
sink:
  driver = appendfile
  file = /var/spool/exim-{name}/sink.mbox
begin retry
* * F,1h,10m
begin authenticators
{authenticators}
"""
EXIM_TLS = """\
tls:
  driver = tls
  server_param1 = ${certextract {subj_altname,mail,>:} {$tls_in_peercert}}
  server_condition = ${if and {{bool{$tls_in_certificate_verified}}{def:auth1}}}
  server_set_id = $auth1
"""
EXIM_EXTERNAL = """\
ext_ccert_san_mail:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = $tls_in_certificate_verified
  server_param2 = ${certextract {subj_altname,mail,>:}{$tls_in_peercert}}
  server_condition = ${if or {{eq {$auth1}{}} {forany {$auth2} {eq {$item}{$auth1}}}}}
  server_set_id = ${if eq {$auth1}{} {${listextract{1}{$auth2}}} {$auth1}}
"""

SENDMAIL = """\
OSTYPE(`linux')
define(`confCACERT_PATH', `/etc/probe')
define(`confCACERT', `/etc/probe/ca.pem')
define(`confSERVER_CERT', `/etc/probe/server.pem')
define(`confSERVER_KEY', `/etc/probe/server.key')
define(`QUEUE_DIR', `/var/spool/mqueue-{name}')
define(`confPID_FILE', `/run/sendmail-{name}.pid')
define(`STATUS_FILE', `/var/spool/mqueue-{name}/statistics')
define(`confAUTH_MECHANISMS', `EXTERNAL PLAIN')
TRUST_AUTH_MECH(`EXTERNAL')
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,GroupReadableKeyFile,AssumeSafeChown')
define(`confDEF_USER_ID', `65534:65534')
define(`confDOMAIN_NAME', `sendmail.test')
define(`confDELIVERY_MODE', `queue')
define(`ALIAS_FILE', `')
FEATURE(`no_default_msa')
FEATURE(`access_db', `hash -o -T<TMPF> /etc/probe/access-{name}')
FEATURE(`accept_unresolvable_domains')
FEATURE(`nocanonify')
DAEMON_OPTIONS(`Name=MSA, Addr=127.0.0.1, Port={starttls}, M=E')
DAEMON_OPTIONS(`Name=MSAs, Addr=127.0.0.1, Port={implicit}, M=sE')
define(`SMART_HOST', `esmtp:[127.0.0.1]')
MAILER(`smtp')
"""

SERVERS = [
    # server, how it is set, port with STARTTLS, port with implicit TLS, verdict, findings
    ("Postern", "`policy: both`", 12587, 12465, "BOTH", []),
    ("Postern", "`policy: explicit`", 13587, 13465, "A-ONLY", []),
    ("Postern", "`policy: strict`", 15587, 15465, "A-ONLY", []),
    ("Postern", "`policy: implicit`", 16587, 16465, "B-ONLY", []),
    ("Postern", "`policy: off`", 17587, 17465, "IGNORES-CERTIFICATES", []),
    ("aiosmtpd", "AUTH required", None, None, "IGNORES-CERTIFICATES", []),
    ("Postfix", "smtpd_tls_ask_ccert, permit_tls_clientcerts", 2587, 2465, "B-ONLY", []),
    ("Postfix", "the same, smtpd_tls_req_ccert", 3587, 3465, "B-ONLY", ["HARD-REJECTS-UNKNOWN"]),
    ("Postfix", "the same as the first, Dovecot SASL with smtpd_sasl_mechanism_filter=static:all", 4587, 4465, "EXTERNAL-BROKEN",
     ["EXTERNAL-TO-STRANGERS", "EXTERNAL-WITHOUT-CERTIFICATE"]),
    ("Dovecot submission", "auth_mechanisms = external plain", 5587, 5465, "A-ONLY",
     ["EXTERNAL-TO-STRANGERS", "EXTERNAL-WITHOUT-CERTIFICATE"]),
    ("Dovecot submission", "the same, implicit-auth-external", 6587, 6465, "BOTH",
     ["EXTERNAL-TO-STRANGERS", "EXTERNAL-WITHOUT-CERTIFICATE"]),
    ("Exim", "authenticator `external`", 7587, 7465, "A-ONLY", []),
    ("Exim", "authenticator `tls`", 8587, 8465, "B-ONLY", []),
    ("Exim", "both authenticators", 9587, 9465, "B-ONLY", []),
    ("sendmail", "TRUST_AUTH_MECH(EXTERNAL), access entry CERTIssuer RELAY", 10587, 10465, "BOTH", []),
    ("sendmail", "TRUST_AUTH_MECH(EXTERNAL) alone", 11587, 11465, "A-ONLY", []),
]


class MailServers:
    """Debian's mail servers and Postern, each set to log in by certificate in its own way, on the ports of SERVERS."""

    def __init__(self, postern, folder):
        self.site = Site(postern, f"{folder}/site")
        self.asker = Asker(postern, self.site.authority.certificate, self.site.alice)
        self.stranger = Authority(postern, f"{folder}/stranger", "Stranger CA").client(SENDER)
        self.stranger_asker = Asker(postern, self.site.authority.certificate, self.stranger)
        self.relay = Sink(host="127.0.0.1")
        self.machine = Machine(
            "postfix exim-heavy dovecot-submission sendmail",
            ["postfix", "postdrop", "Debian-exim", "dovecot", "dovenull", "vmail", "smmta", "smmsp"], ["mail.example.org"])
        server = self.site.authority.server()
        exim = self.machine.ids["Debian-exim"]
        for source, name, owner, mode in (
                (server.certificate, "server.pem", 0, 0o644), (server.key, "server.key", 0, 0o600),
                (self.site.authority.certificate, "ca.pem", 0, 0o644),
                (server.certificate, "exim.pem", exim, 0o644), (server.key, "exim.key", exim, 0o600)):
            self.machine.bring(source, f"{PKI}/{name}", owner, mode)
        # sendmail wants to know by name who asks.
        self.machine.append("/etc/hosts", "127.0.0.2 client.example.net\n")
        self.server_credential = server
        self.versions = {"Postern": "this one"}
        self.results, self.conformance = {}, {}
        self.ours, self.aiosmtpd = None, []
        self.aiosmtpd_log = server_logs.AiosmtpdLog()

    def postern(self):
        """Ours under its policies, on the ports of SERVERS."""
        listeners = {}
        for name, setting, starttls, implicit, *_ in SERVERS:
            if name == "Postern":
                policy = setting.split()[-1].strip("`")
                listeners[f"{policy}-starttls"] = {"tls": "starttls", "policy": policy, "port": starttls}
                listeners[f"{policy}-implicit"] = {"tls": "implicit", "policy": policy, "port": implicit}
        listeners["implicit-implicit"]["allow-nonconforming"] = "true"
        self.ours = self.site.server(listeners)
        self.ours.start()

    def python(self):
        for start in ("starttls", "implicit"):
            server = AiosmtpdServer(self.server_credential, start)
            self.aiosmtpd.append(server)
            self.versions["aiosmtpd"] = server.version

    def log(self, name, port):
        """The server's own record of every line; none for Postern, which has none."""
        if name == "Postfix":
            return server_logs.postfix(lambda: self.machine.read("/var/log/postfix.log"), port)
        if name == "aiosmtpd":
            return self.aiosmtpd_log.log()
        instance = {5: "explicit", 6: "implicit", 7: "external", 8: "tls", 9: "both", 10: "both", 11: "ext"}.get(port // 1000)
        if name == "Exim":
            return server_logs.exim(lambda: self.machine.read(f"/var/log/exim4/{instance}-words"))
        if name == "sendmail":
            return server_logs.sendmail(lambda: self.machine.read(f"/var/log/{instance}-words"))
        if name == "Dovecot submission":
            return server_logs.dovecot(lambda: self.machine.read(f"/var/log/{instance}.log"))
        return None

    # MARK: servers

    @staticmethod
    def _fingerprint(credential):
        line = run_program("openssl", "x509", "-in", credential.certificate, "-noout", "-fingerprint", "-sha256")
        return line.decode().strip().split("=")[1]

    def postfix(self):
        self.machine.run("""
            cd /usr/share/postfix
            cp dynamicmaps.cf makedefs.out /etc/postfix/
            cp main.cf.dist /etc/postfix/main.cf.proto
            cp master.cf.dist /etc/postfix/master.cf.proto
            cp master.cf.dist /etc/postfix/master.cf
            sed -i 's/^smtp *inet/#&/' /etc/postfix/master.cf""")
        self.machine.append("/etc/postfix/master.cf", POSTFIX_SERVICES)
        self.machine.write("/etc/postfix/main.cf", POSTFIX.format(
            alice=self._fingerprint(self.site.alice), stranger=self._fingerprint(self.stranger)))
        self.machine.folder("/var/lib/postfix", self.machine.ids["postfix"])
        self.dovecot("dovecot-postfix", 14587, 14465)
        self.machine.run("postfix set-permissions; /usr/lib/postfix/configure-instance.sh -; postfix start")
        self.versions["Postfix"] = self.machine.run("postconf -d mail_version").split()[-1]
        await_greeting(2587, "Postfix")

    def dovecot(self, name, starttls, implicit, workaround=""):
        self.machine.folder("/home/vmail", self.machine.ids["vmail"])
        for folder in (f"/run/{name}", f"/var/lib/{name}"):
            self.machine.folder(folder, 0)
        self.machine.write(f"/etc/dovecot/{name}.conf", DOVECOT.format(
            name=name, starttls=starttls, implicit=implicit, relay=self.relay.port, workaround=workaround,
            password=DOVECOT_PASSWORD,
            uid=self.machine.ids["vmail"]))
        self.machine.start("dovecot", "-F", "-c", f"/etc/dovecot/{name}.conf")
        self.versions["Dovecot submission"] = self.machine.run("dovecot --version").split()[0]
        await_greeting(starttls, "Dovecot")

    def exim(self, name, starttls, implicit, authenticators):
        exim = self.machine.ids["Debian-exim"]
        for folder in (f"/var/spool/exim-{name}", "/var/log/exim4"):
            self.machine.folder(folder, exim)
        self.machine.write(
            f"/etc/exim4/{name}.conf",
            EXIM.format(name=name, starttls=starttls, implicit=implicit, authenticators=authenticators))
        self.machine.start(
            "exim4", "-C", f"/etc/exim4/{name}.conf", "-d-all+receive+pid", "-bdf", output=f"/var/log/exim4/{name}-words")
        self.versions["Exim"] = self.machine.run(f"exim4 -C /etc/exim4/{name}.conf -bV").split()[2]
        await_greeting(starttls, "Exim")

    def sendmail(self, name, starttls, implicit, access):
        self.machine.folder(f"/var/spool/mqueue-{name}", 0, 0o700)
        self.machine.write(f"{PKI}/access-{name}", access)
        self.machine.write(f"{PKI}/{name}.mc", SENDMAIL.format(name=name, starttls=starttls, implicit=implicit))
        self.machine.run(f"""
            cd {PKI}
            chmod 755 /etc /etc/probe
            m4 -D_CF_DIR_=/usr/share/sendmail/cf/ /usr/share/sendmail/cf/m4/cf.m4 {name}.mc > {name}.cf
            /usr/libexec/sendmail/makemap -C {name}.cf hash access-{name} < access-{name}
            /usr/libexec/sendmail/sendmail -bD -X /var/log/{name}-words -C {PKI}/{name}.cf >/var/log/sendmail-{name}.log 2>&1 &""")
        self.versions["sendmail"] = re.search(
            r"Version (\S+)", self.machine.run(f"/usr/libexec/sendmail/sendmail -d0.1 -bt -C {PKI}/{name}.cf </dev/null")).group(1)
        await_greeting(starttls, "Sendmail")


def start(place):
    """A row for each kind of server: that it is there is part of what is shown."""
    return [
        ("Postern starts", place.postern),
        ("aiosmtpd starts", place.python),
        ("Postfix starts", place.postfix),
        ("Dovecot starts", lambda: (place.dovecot("explicit", 5587, 5465), place.dovecot(
            "implicit", 6587, 6465, "submission_client_workarounds = implicit-auth-external")) and None),
        ("Exim starts", lambda: (
            place.exim("external", 7587, 7465, EXIM_EXTERNAL), place.exim("tls", 8587, 8465, EXIM_TLS),
            place.exim("both", 9587, 9465, EXIM_TLS + EXIM_EXTERNAL)) and None),
        ("sendmail starts", lambda: (
            place.sendmail("both", 10587, 10465, "CERTIssuer:/CN=Interop+20CA\tRELAY\n"),
            place.sendmail("ext", 11587, 11465, "")) and None),
    ]
