"""A machine of its own for one test: its own network, where ports 25, 465 and 587 are free and from which no mail can
leave, and its own root folder, in which Debian's mail servers are laid over this machine's files without being installed.
Everything vanishes with the process. Needs root, or user namespaces with ids to map (package uidmap)."""
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time

from .dialogue import Dialogue
from .rows import Unexpected
from .server import PATIENCE

PACKAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".build", "packages")
"""Where Scripts/install-packages unpacks what must not be installed."""

ROOT = "/srv/root"
LAID_OVER = ["/usr", "/var", "/opt", "/home", "/root"]
"""What the machine has of this one, besides a copy of /etc: its programs, and where Swift's libraries may be."""

WRITTEN = ["/usr/local/bin", "/var/lib", "/var/log", "/var/mail", "/var/spool"]
"""Folders that are to be written into also by one who is root in a user namespace alone."""

INSIDE = "POSTERN_INTEROP_INSIDE"
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41


def enter(hostname):
    """Starts this script anew in namespaces of its own; there it returns, and the machine has that name."""
    if INSIDE not in os.environ:
        is_root = os.getuid() == 0
        os.environ[INSIDE] = "as root" if is_root else "as user"
        ids = [] if is_root else ["--map-root-user", "--map-users=auto", "--map-groups=auto"]
        os.execvp("unshare", [
            "unshare", *ids, "--net", "--uts", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "--",
            *sys.argv])
    socket.sethostname(hostname)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", UP_AND_RUNNING, b""))


class Machine:
    """The root folder. Paths are those inside of it.

    packages: the folders that Scripts/install-packages has unpacked, by name, with spaces between. users: those that the
    packages would make. names: the machine's own names."""

    def __init__(self, packages, users, names):
        unpacked = [os.path.join(PACKAGES, name) for name in packages.split()]
        for folder in unpacked:
            if not os.path.isdir(folder):
                raise Unexpected(f"{folder} is not there: run Scripts/install-packages test")
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/srv")
        for folder in (ROOT, "/srv/upper", "/srv/work"):
            os.mkdir(folder)
        for folder in unpacked:
            # Never through a link: one server's sendmail is a link to its program, another's is a program.
            subprocess.run(["cp", "-a", "--remove-destination", f"{folder}/.", "/srv/upper/"], check=True)
        for folder in WRITTEN:
            os.makedirs(f"/srv/upper{folder}", exist_ok=True)
        # In containers files of /etc are mounts, and nothing can be laid over those. What cannot be read nobody needs.
        subprocess.run(["cp", "-a", "/etc", ROOT], stderr=subprocess.DEVNULL)
        for folder in unpacked:
            subprocess.run(["cp", "-a", f"{folder}/etc", ROOT], check=True)
        for folder in filter(os.path.exists, LAID_OVER):
            self._lay_over(folder)
        for name in os.listdir("/"):
            if os.path.islink(f"/{name}"):
                os.symlink(os.readlink(f"/{name}"), f"{ROOT}/{name}")
        for folder in ("dev", "proc", "run", "tmp"):
            os.mkdir(f"{ROOT}/{folder}")
        mount("--rbind", "/dev", f"{ROOT}/dev")
        mount("-t", "proc", "proc", f"{ROOT}/proc")
        for folder in ("run", "tmp"):
            mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", f"{ROOT}/{folder}")
        self.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("/etc/hosts", f"127.0.0.1 localhost {' '.join(names)}\n::1 localhost\n")
        self.ids = {}
        for number, name in enumerate(users, 7_000):
            self.ids[name] = number
            self._put("/etc/passwd", name, f"x:{number}:{number}::/:/usr/sbin/nologin")
            self._put("/etc/group", name, f"x:{number}:")

    @staticmethod
    def _lay_over(folder):
        """A folder of this machine, with the packages' files over it; what is written stays in the upper layer."""
        upper, work = f"/srv/upper{folder}", f"/srv/work{folder}"
        for path in (upper, work, ROOT + folder):
            os.makedirs(path, exist_ok=True)
        # In a user namespace only marks of this kind may be made.
        marks = ",userxattr" if os.environ[INSIDE] == "as user" else ""
        mount("-t", "overlay", "overlay", "-o", f"lowerdir={folder},upperdir={upper},workdir={work}{marks}", ROOT + folder)

    def path(self, path):
        """Where that file is for who is outside."""
        return ROOT + path

    def write(self, path, text, owner=None, mode=0o644):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        # A link would lead out of the machine.
        if os.path.islink(self.path(path)):
            os.unlink(self.path(path))
        with open(self.path(path), "w") as file:
            file.write(text)
        os.chmod(self.path(path), mode)
        if owner is not None:
            os.chown(self.path(path), owner, owner)

    def append(self, path, text):
        with open(self.path(path), "a") as file:
            file.write(text)

    def _put(self, path, name, fields):
        others = [line for line in self.read(path).splitlines() if not line.startswith(f"{name}:")]
        self.write(path, "\n".join([*others, f"{name}:{fields}", ""]))

    def read(self, path):
        with open(self.path(path), errors="replace") as file:
            return file.read()

    def folder(self, path, owner, mode=0o755):
        os.makedirs(self.path(path), exist_ok=True)
        os.chmod(self.path(path), mode)
        os.chown(self.path(path), owner, owner)

    def spool(self, path, source, owner=0):
        """Makes a folder on the disk, and shows it under that path: the root folder itself is in memory. It takes the
        place of an earlier one there, whose processes may still be ending."""
        os.makedirs(source)
        self.folder(path, owner)
        if os.path.ismount(self.path(path)):
            mount("--lazy", self.path(path), command="umount")
        mount("--bind", source, self.path(path))
        self.folder(path, owner)

    def bring(self, source, path, owner=0, mode=0o644):
        """Copies a file from outside."""
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        shutil.copyfile(source, self.path(path))
        os.chown(self.path(path), owner, owner)
        os.chmod(self.path(path), mode)

    def show(self, source, path):
        """Shows a file from outside under that path."""
        open(self.path(path), "w").close()
        mount("--bind", source, self.path(path))

    def run(self, script):
        """Runs lines of a shell, all of which must succeed. Returns what they print."""
        result = subprocess.run(
            ["chroot", ROOT, "sh", "-euc", script], capture_output=True, text=True, errors="replace", timeout=60,
            stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise Unexpected(f"{script.strip()}: {result.returncode} {result.stderr.strip()} {result.stdout.strip()}")
        return result.stdout

    def start(self, *command, output=None):
        """Starts a program that stays in the foreground. What it says goes to that file of the machine. Returns its process."""
        with open(self.path(output) if output else "/srv/output", "ab") as output:
            return subprocess.Popen(
                ["chroot", ROOT, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def keep_logs(self, folder, *paths):
        """Copies what the programs have said to where it outlives the machine."""
        for path in ["/srv/output", "/srv/postern.log", *map(self.path, paths)]:
            if os.path.exists(path):
                shutil.copy(path, folder)


def greeting(port):
    """Who answers on that port."""
    with Dialogue(port) as client:
        return client.expect(220, None).lines[-1]


def await_greeting(port, word):
    """Returns when the one who answers says that word; a start or a reload takes a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if word in greeting(port):
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise Unexpected(f"no greeting with {word} on port {port} within {PATIENCE} s")


def mount(*arguments, command="mount"):
    result = subprocess.run([command, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        raise Unexpected(f"{command} {' '.join(arguments)}: {result.stderr.strip()}")
