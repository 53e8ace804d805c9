"""The main program of a harness: its options, what it needs, its rows, and its exit status."""
import argparse
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile

from support.machine import enter
from support.rows import DEFAULT_POSTERN, Rows

FAILED, NOT_RUN = 1, 77
"""Exit statuses beside 0."""


def run(title, script, small, full, peers=(), needs=()):
    """Runs `script(options, folder, rows)`, which returns how many rows there should have been, and exits.

    small, full: the sizes, by their names; each is an option too, and `options` has one of them. peers: which servers
    besides Postern it can be run against. needs: programs, or paths."""
    options = _options(title, small, full, peers)
    if missing := _missing(needs):
        print(f"==> {title}\n  NOT RUN: {missing}\n{title}: not run", flush=True)
        sys.exit(NOT_RUN)
    # Mounts, and what was started, vanish with the process, however it ends.
    enter("mail.example.org")
    print(f"==> {title}{' (full size)' if options.full else ''}", flush=True)
    random.seed(options.seed)
    folder = tempfile.mkdtemp(prefix="postern-faults-")
    rows = Rows(title)
    status = FAILED
    try:
        status = rows.close(script(options, folder, rows))
    except KeyboardInterrupt:
        print(f"{title}: interrupted", flush=True)
    finally:
        if status == 0:
            _remove(folder)
        else:
            print(f"seed {options.seed}; logs and configuration are in {folder}")
    sys.exit(status)


def _remove(folder):
    """What a process that ends just now holds is unmounted all the same."""
    with open("/proc/mounts") as mounts:
        places = [line.split()[1] for line in mounts]
    for place in reversed(places):
        if place.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", place], check=True)
    shutil.rmtree(folder)


def _options(title, small, full, peers):
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("postern", nargs="?", default=DEFAULT_POSTERN, type=os.path.abspath)
    parser.add_argument("--full", action="store_true", help="the large sizes, which take hours together")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of what is random")
    if peers:
        parser.add_argument("--peer", choices=["postern", *peers], default="postern", help="the server that is tried")
    for name, size in small.items():
        parser.add_argument(f"--{name}", type=int, help=f"{size}; with --full {full[name]}")
    # The namespaces are entered by starting the script anew, which must find the same seed.
    options = parser.parse_args()
    if "--seed" not in sys.argv:
        sys.argv += ["--seed", str(options.seed)]
    for name, size in (full if options.full else small).items():
        if getattr(options, name) is None:
            setattr(options, name, size)
    if not os.access(options.postern, os.X_OK):
        parser.error(f"{options.postern} is no program")
    return options


def _missing(programs):
    if os.geteuid() != 0:
        return "needs root, for namespaces and file systems of its own"
    absent = [program for program in programs if not _is_there(program)]
    return f"needs {', '.join(absent)}: Scripts/install-packages test" if absent else None


def _is_there(program):
    return bool(glob.glob(program) or shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"))
