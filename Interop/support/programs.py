"""Real mail programs, and how each is told to send one message: by certificate, by AUTH EXTERNAL, by password."""
import os
import platform
import smtplib
import subprocess

from .certificates import run
from .dialogue import client_context, plain_credentials
from .site import PASSWORD

SENDER, RECIPIENT = "alice@example.org", "bob@example.org"
MESSAGE = "From: alice@example.org\r\nTo: bob@example.org\r\nSubject: {subject}\r\n\r\nSent by a real program.\r\n"
PATCH = (
    "From: alice@example.org\nDate: Wed, 25 Nov 2026 12:00:00 +0000\nSubject: {subject}\n\nSent by a real program.\n"
    "---\n")


class Attempt:
    """One run of a program: where it connects, and with what. Each program function returns whether the program
    believes that its message was sent."""

    def __init__(self, site, port, start, subject):
        self.authority, self.credential = site.authority.certificate, site.alice
        self.port, self.start, self.subject = port, start, subject
        self.message = MESSAGE.format(subject=subject)
        self._folder = site.folder
        self.path = self.file("message.eml", self.message)

    @property
    def is_starttls(self):
        return self.start == "starttls"

    def file(self, name, text):
        """A file of the program's, made anew each time. Returns its path."""
        path = f"{self._folder}/{name}"
        with open(path, "w", newline="") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path


def curl(attempt, mode):
    certificate = ["--cert", attempt.credential.certificate, "--key", attempt.credential.key]
    login = {
        "certificate alone": certificate,
        "--login-options AUTH=EXTERNAL": [*certificate, "--login-options", "AUTH=EXTERNAL"],
        "user and password": ["--user", f"alice:{PASSWORD}"],
    }[mode]
    address = f"localhost:{attempt.port}/client.example.org"
    url = ["--ssl-reqd", "--url", f"smtp://{address}"] if attempt.is_starttls else ["--url", f"smtps://{address}"]
    return succeeded(
        "curl", "--silent", "--show-error", *url, "--cacert", attempt.authority, *login, "--mail-from", SENDER,
        "--mail-rcpt", RECIPIENT, "--upload-file", attempt.path)


def git_send_email(attempt, mode):
    by_itself = [
        "--smtp-server=localhost", f"--smtp-server-port={attempt.port}", f"--smtp-ssl-cert-path={attempt.authority}",
        f"--smtp-encryption={'tls' if attempt.is_starttls else 'ssl'}"]
    settings, options = {
        "smtpSSLClientCert": (
            [f"sendemail.smtpSSLClientCert={attempt.credential.certificate}",
             f"sendemail.smtpSSLClientKey={attempt.credential.key}"], by_itself),
        "sendmailCmd msmtp, auth off": ([], [f"--sendmail-cmd={' '.join(msmtp_command(attempt, '--auth=off'))}"]),
        "sendmailCmd msmtp, auth external, user": (
            [], [f"--sendmail-cmd={' '.join(msmtp_command(attempt, '--auth=external', '--user=alice'))}"]),
        "smtpUser, smtpPass": (
            [], [*by_itself, "--smtp-user=alice", f"--smtp-pass={PASSWORD}", "--smtp-auth=PLAIN"]),
    }[mode]
    settings = [f"user.email={SENDER}", "user.name=Alice", *settings]
    return succeeded(
        "git", *(word for setting in settings for word in ("-c", setting)), "send-email", f"--from={SENDER}",
        f"--to={RECIPIENT}", *options, "--suppress-cc=all", "--confirm=never", "--quiet",
        attempt.file("0001.patch", PATCH.format(subject=attempt.subject)))


def msmtp(attempt, mode):
    login = {
        "auth off, certificate": ["--auth=off"],
        "auth external, user": ["--auth=external", "--user=alice"],
        "auth external, no user": ["--auth=external"],
        "auth plain, password": ["--auth=plain", "--user=alice", f"--passwordeval=echo '{PASSWORD}'"],
    }[mode]
    command = msmtp_command(attempt, *login, has_certificate="password" not in mode)
    return succeeded(*command, RECIPIENT, stdin=attempt.message)


def msmtp_command(attempt, *login, has_certificate=True):
    certificate = [f"--tls-cert-file={attempt.credential.certificate}", f"--tls-key-file={attempt.credential.key}"]
    return [
        "msmtp", "--file=/dev/null", "--host=localhost", f"--port={attempt.port}", "--tls=on",
        f"--tls-starttls={'on' if attempt.is_starttls else 'off'}", f"--tls-trust-file={attempt.authority}",
        *(certificate if has_certificate else []), *login, f"--from={SENDER}"]


def mutt(attempt, mode):
    with open(attempt.credential.certificate) as certificate, open(attempt.credential.key) as key:
        both_in_one = attempt.file("alice.both.pem", certificate.read() + key.read())
    certificate = f'set ssl_client_cert="{both_in_one}"'
    user, lines = {
        "ssl_client_cert, no user": ("", [certificate]),
        "ssl_client_cert, no user; passwords withheld": ("", [certificate]),
        "smtp_authenticators=external, user": ("alice@", [certificate, "set smtp_authenticators=external"]),
        "smtp_pass": ("alice@", ["set smtp_authenticators=plain", f'set smtp_pass="{PASSWORD}"']),
    }[mode]
    scheme = "smtp" if attempt.is_starttls else "smtps"
    settings = attempt.file("muttrc", "\n".join([
        f'set smtp_url="{scheme}://{user}localhost:{attempt.port}/"', f'set certificate_file="{attempt.authority}"',
        "set ssl_force_tls=yes", f"set from={SENDER}", "set hostname=client.example.org", "set copy=no", *lines, ""]))
    return succeeded("mutt", "-n", "-F", settings, "-s", attempt.subject, "--", RECIPIENT, stdin="Sent by mutt.\n")


def openssl_s_client(attempt, mode):
    login = {
        "MAIL by hand, certificate": "",
        "AUTH EXTERNAL by hand": "AUTH EXTERNAL =\r\n",
        "AUTH PLAIN by hand": f"AUTH PLAIN {plain_credentials('alice', PASSWORD)}\r\n",
    }[mode]
    certificate = ["-cert", attempt.credential.certificate, "-key", attempt.credential.key]
    dialogue = (
        f"EHLO client.example.org\r\n{login}MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n"
        f"{attempt.message}.\r\nQUIT\r\n")
    result = program(
        "openssl", "s_client", "-quiet", "-connect", f"localhost:{attempt.port}",
        *(["-starttls", "smtp"] if attempt.is_starttls else []), "-CAfile", attempt.authority, "-verify_return_error",
        *([] if "PLAIN" in mode else certificate), stdin=dialogue)
    return "250 2.0.0 queued as" in result.stdout


def python_smtplib(attempt, mode):
    has_password = mode == "login(user, password)"
    context = client_context(attempt.authority, None if has_password else attempt.credential)
    try:
        with connect(attempt, context) as client:
            if has_password:
                client.login("alice", PASSWORD)
            elif mode != "certificate alone":
                client.auth("EXTERNAL", lambda challenge=None: "")
            client.sendmail(SENDER, RECIPIENT, attempt.message)
    except smtplib.SMTPException:
        return False
    return True


def connect(attempt, context):
    if not attempt.is_starttls:
        client = smtplib.SMTP_SSL("localhost", attempt.port, context=context, timeout=20)
        client.ehlo()
        return client
    client = smtplib.SMTP("localhost", attempt.port, timeout=20)
    client.starttls(context=context)
    client.ehlo()
    return client


def s_nail(attempt, mode):
    pairs = f"-Stls-config-pairs=Certificate={attempt.credential.certificate},PrivateKey={attempt.credential.key}"
    user, login = {
        "smtp-auth=none, tls-config-pairs": ("", ["-Ssmtp-auth=none", pairs]),
        "smtp-auth=external, user": ("alice@", ["-Ssmtp-auth=external", pairs]),
        "smtp-auth=externanon": ("", ["-Ssmtp-auth=externanon", pairs]),
        "smtp-auth=plain": (f"alice:{PASSWORD.replace(' ', '%20')}@", ["-Ssmtp-auth=plain"]),
    }[mode]
    scheme, starttls = ("smtp", "-Ssmtp-use-starttls") if attempt.is_starttls else ("smtps", "-Snosmtp-use-starttls")
    return succeeded(
        # No startup files, wait for the end, and leave no dead.letter.
        "s-nail", "-:/", "-Sv15-compat", "-Sttycharset=utf-8", "-Ssendwait", "-Snosave",
        f"-Smta={scheme}://{user}localhost:{attempt.port}", starttls, *login, "-Stls-verify=strict",
        f"-Stls-ca-file={attempt.authority}", "-Stls-ca-no-defaults", "-Shostname=client.example.org",
        "-r", SENDER, "-s", attempt.subject, RECIPIENT, stdin="Sent by s-nail.\n")


def swaks(attempt, mode):
    certificate = ["--tls-cert", attempt.credential.certificate, "--tls-key", attempt.credential.key]
    login = {
        "--tls-cert, --tls-key": certificate,
        "--auth EXTERNAL": [*certificate, "--auth", "EXTERNAL", "--auth-user", "alice"],
        "--auth PLAIN": ["--auth", "PLAIN", "--auth-user", "alice", "--auth-password", PASSWORD],
    }[mode]
    return succeeded(
        "swaks", "--server", "localhost", "--port", str(attempt.port),
        "--tls" if attempt.is_starttls else "--tls-on-connect", "--tls-verify", "--tls-ca-path", attempt.authority,
        *login, "--helo", "client.example.org", "--from", SENDER, "--to", RECIPIENT, "--data", f"@{attempt.path}")


def succeeded(*command, stdin=""):
    return program(*command, stdin=stdin).returncode == 0


def program(*command, stdin):
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, errors="replace", timeout=60,
        # Without a terminal nobody can be asked, and without a home there are no settings but ours.
        start_new_session=True, env={**os.environ, "HOME": "/nonexistent"})


PROGRAMS = {
    "curl": curl, "git send-email": git_send_email, "msmtp": msmtp, "mutt": mutt, "openssl s_client": openssl_s_client,
    "Python smtplib": python_smtplib, "s-nail": s_nail, "swaks": swaks}


def versions():
    """What is being tried, by the names of `PROGRAMS`."""
    def word(number, *command):
        return run(*command).decode().splitlines()[0].split()[number]

    return {
        "curl": word(1, "curl", "--version"), "git send-email": word(2, "git", "--version"),
        "msmtp": word(2, "msmtp", "--version"), "mutt": word(1, "mutt", "-v"),
        "openssl s_client": word(1, "openssl", "version"), "Python smtplib": platform.python_version(),
        "s-nail": word(1, "s-nail", "-V").strip("v,"), "swaks": word(2, "swaks", "--version")}
