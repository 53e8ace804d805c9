"""Expectations as rows: each has a name and a check, and a run counts every one of them."""
import os
import shutil
import sys
import tempfile
import time

DEFAULT_POSTERN = ".build/debug/postern"


class Unexpected(Exception):
    """What came is not what was expected."""


def expect(condition, message):
    if not condition:
        raise Unexpected(message)


def expect_equal(found, expected, what):
    expect(found == expected, f"{what}: expected {expected}, found {found}")


class Rows:
    """The rows of one script, in their order."""

    def __init__(self, title):
        self.title = title
        self.failures = []
        self.passed = 0
        self._start = time.monotonic()

    def check(self, name, action, *arguments):
        """Runs one row. What it returns is printed behind its name; whatever it raises fails the row, not the run."""
        try:
            note = action(*arguments)
        except Exception as error:  # a row may fail in any way, and the others must still run
            kind = "" if isinstance(error, Unexpected) else f"{type(error).__name__}: "
            self.failures.append(name)
            print(f"  FAILED  {name}: {kind}{error}", flush=True)
            return False
        self.passed += 1
        print(f"  ok      {name}{f': {note}' if note else ''}", flush=True)
        return True

    def not_run(self, reason):
        """For a script that cannot run here. Returns how many rows there should have been: none."""
        print(f"  NOT RUN: {reason}", flush=True)
        self.title += " (not run)"
        return 0

    def close(self, expected_count):
        """The last word: how many passed, failed, and are missing of those that should have run.

        Returns the script's exit status."""
        missing = expected_count - self.passed - len(self.failures)
        seconds = time.monotonic() - self._start
        print(f"{self.title}: {self.passed} passed, {len(self.failures)} failed, {missing} missing ({seconds:.0f} s)")
        for name in self.failures:
            print(f"  failed: {name}")
        return 0 if self.passed == expected_count and not self.failures else 1


def run(title, script):
    """The main program of a script: makes a folder, runs `script(postern, folder, rows)`, which returns how many rows
    there should have been, removes the folder, and exits. A folder with failures is kept, and named."""
    postern = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else DEFAULT_POSTERN)
    if not os.access(postern, os.X_OK):
        sys.exit(f"{postern} is no program; usage: {sys.argv[0]} [PATH OF POSTERN]")
    print(f"==> {title}", flush=True)
    folder = tempfile.mkdtemp(prefix="postern-")
    rows = Rows(title)
    status = 1
    try:
        status = rows.close(script(postern, folder, rows))
    finally:
        if status == 0:
            shutil.rmtree(folder)
        else:
            print(f"logs and configuration are in {folder}")
    sys.exit(status)
