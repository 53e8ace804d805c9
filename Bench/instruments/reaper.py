#!/usr/bin/python3
"""reaper.py FILE COMMAND…: runs a server, and takes over each process that its parent has left behind, as Exim's are,
so that what such a process has used of the processors stands in this one's account, and none outlives the server.

FILE gets the moment of the server's exec, on the monotonic clock. SIGTERM goes on to the server."""
import ctypes
import os
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]


def main():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("no subreaper can be had")
    server = os.fork()
    if server == 0:
        with open(sys.argv[1], "w") as file:
            file.write(str(time.monotonic()))
        os.execvp(sys.argv[2], sys.argv[2:])
    signal.signal(signal.SIGTERM, lambda *_: os.kill(server, signal.SIGTERM))
    status = None
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            break
        if pid == server:
            status = os.waitstatus_to_exitcode(ended)
        if status is not None:
            for left in children():
                os.kill(left, signal.SIGKILL)
    sys.exit(status if status is not None and status >= 0 else 1)


main()
