"""`postern send` in a home of its own, and the programs that call it."""
import os
import subprocess

MESSAGE = (
    b"From: alice@example.org\nTo: bob@example.org\nDate: Wed, 25 Nov 2026 12:00:00 +0000\nMessage-ID: <%d@example.org>\n"
    b"Subject: %s\n\nSent by a real program.\n")


class Result:
    def __init__(self, status, output, errors):
        self.status, self.output, self.errors = status, output, errors

    def __repr__(self):
        return f"status {self.status}, {self.output!r}, {self.errors!r}"


class Home:
    """The home of somebody who sends: a folder with links to the program under every name, and no other settings."""

    NAMES = ["sendmail", "mailq", "newaliases", "msmtp", "postern-send"]

    def __init__(self, postern, folder, name="home"):
        self.folder = f"{folder}/{name}"
        os.makedirs(f"{self.folder}/bin")
        for link in self.NAMES:
            os.symlink(postern, f"{self.folder}/bin/{link}")
        self.spool = f"{self.folder}/state/postern/spool"
        self.environment = {
            **os.environ, "HOME": self.folder, "XDG_STATE_HOME": f"{self.folder}/state", "USER": "alice",
            "HOSTNAME": "laptop", "TMPDIR": self.folder}

    def program(self, name):
        return f"{self.folder}/bin/{name}"

    def configure(self, *lines, mode=0o600):
        """Writes ~/.msmtprc."""
        path = f"{self.folder}/.msmtprc"
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(path, mode)
        return path

    def call(self, name, *arguments, message=b"", timeout=120, **environment):
        done = subprocess.run(
            [self.program(name), *arguments], input=message, capture_output=True, timeout=timeout,
            env={**self.environment, **environment}, cwd=self.folder)
        return Result(
            done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def start(self, name, *arguments, **options):
        """For what is killed while it runs."""
        return subprocess.Popen(
            [self.program(name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment,
            cwd=self.folder, **options)

    def run(self, *command, message=b""):
        """Another program, which finds ours in this home."""
        done = subprocess.run(
            command, input=message, capture_output=True, timeout=60, start_new_session=True, env=self.environment,
            cwd=self.folder)
        return Result(
            done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def kept(self, folder="queue"):
        try:
            return sorted(os.listdir(f"{self.spool}/{folder}"))
        except FileNotFoundError:
            return []


def account(port, authority, *lines, start="implicit", name="default"):
    """The lines of an account of msmtp's for a server on this machine."""
    return [
        f"account {name}", "host localhost", f"port {port}", "tls on",
        f"tls_starttls {'on' if start == 'starttls' else 'off'}", f"tls_trust_file {authority}",
        "from alice@example.org", *lines]


def certificate(credential):
    return [f"tls_cert_file {credential.certificate}", f"tls_key_file {credential.key}"]


def in_clear(port, *lines):
    """An account of a sink, which shows nothing and asks for nothing."""
    return ["account default", "host 127.0.0.1", f"port {port}", "tls off", "from alice@example.org", *lines]


PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "mail-programs.md")

# MARK: programs that call sendmail. Each sends one message with this subject to bob@example.org.

def cron(home, subject):
    """As Debian's cron calls it for the output of a job of root's, with the header that it writes."""
    message = f"From: root (Cron Daemon)\nTo: bob@example.org\nSubject: {subject}\nMIME-Version: 1.0\n\nout\n".encode()
    return home.call("sendmail", "-i", "-FCronDaemon", "-B8BITMIME", "-oem", "bob@example.org", message=message)


def git(home, subject):
    patch = f"{home.folder}/0001.patch"
    with open(patch, "w") as file:
        file.write(
            f"From: alice@example.org\nDate: Wed, 25 Nov 2026 12:00:00 +0000\nSubject: {subject}\n\nA patch.\n---\n")
    return home.run(
        "git", "-c", "user.email=alice@example.org", "-c", "user.name=Alice", "send-email",
        f"--smtp-server={home.program('sendmail')}", "--from=alice@example.org", "--to=bob@example.org",
        "--suppress-cc=all", "--confirm=never", "--quiet", "--envelope-sender=auto", patch)


def mutt(home, subject):
    """With the settings that docs/mail-programs.md has."""
    with open(PAGE) as page:
        settings = page.read().split("```muttrc\n")[1].split("```")[0]
    with open(f"{home.folder}/muttrc", "w") as file:
        file.write(f"{settings}set copy = no\n")
    return home.run(
        "mutt", "-n", "-F", f"{home.folder}/muttrc", "-s", subject, "--", "bob@example.org", message=b"Sent by mutt.\n")


def s_nail(home, subject):
    return home.run(
        "s-nail", "-:/", "-Sv15-compat", "-Sttycharset=utf-8", "-Ssendwait", "-Snosave",
        # For root it goes to the home of the system's list of users.
        f"-Smta={home.program('sendmail')}", f"-Smta-arguments=-C {home.folder}/.msmtprc", "-r", "alice@example.org", "-s", subject, "bob@example.org",
        message=b"Sent by s-nail.\n")


PHP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".build", "packages", "php")


def php(home, subject):
    home.environment["LD_LIBRARY_PATH"] = f"{PHP}/usr/lib/x86_64-linux-gnu"
    try:
        return home.run(
            f"{PHP}/usr/bin/php8.2", "-n", "-d", f"sendmail_path={home.program('sendmail')} -t -i", "-r",
            f"exit(mail('bob@example.org', '{subject}', \"Sent by PHP.\\r\\n.\\r\\n\", "
            "\"From: alice@example.org\\r\\nBcc: carol@example.org\", '-falice@example.org') ? 0 : 1);")
    finally:
        del home.environment["LD_LIBRARY_PATH"]


def python(home, subject):
    """As the documentation of Python has it."""
    from email.message import EmailMessage
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = "bob@example.org", "Alice <alice@example.org>", subject
    message.set_content("Sent by Python.")
    return home.call("sendmail", "-t", "-oi", message=message.as_bytes())


def alpine(home, subject):
    """As Alpine calls it by its sendmail-path."""
    return home.call("sendmail", "-t", "-oem", "-oi", message=MESSAGE.replace(b"\n", b"\r\n") % (1, subject.encode()))


def alpine_dialogue(home, subject):
    """As Alpine speaks to /usr/sbin/sendmail where no server is set."""
    content = (MESSAGE % (2, subject.encode())).replace(b"\n", b"\r\n")
    dialogue = (
        b"EHLO laptop\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n" + content
        + b".\r\nQUIT\r\n")
    result = home.call("sendmail", "-bs", "-odb", "-oem", message=dialogue)
    replies = [line[:3] for line in result.output.splitlines() if line[3:4] != "-"]
    result.status = 0 if replies == ["220", "250", "250", "250", "354", "250", "221"] else 1
    return result


CALLERS = {
    "cron's call": cron, "git send-email": git, "mutt": mutt, "s-nail": s_nail, "PHP's mail()": php,
    "Python's subprocess": python, "Alpine's call with -t": alpine, "Alpine's dialogue with -bs": alpine_dialogue}
