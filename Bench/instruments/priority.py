"""First of all users of the machine: for one that others use too."""
import os

from .meters import tree

FIRST = -20


def put_first(*roots):
    """These processes and all that have come of them. Sessions are scheduled as groups; a daemon may make its own."""
    for root in roots:
        for pid in tree(root):
            try:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    os.setpriority(os.PRIO_PROCESS, int(thread), FIRST)
                with open(f"/proc/{pid}/autogroup", "w") as file:
                    file.write(str(FIRST))
            except OSError:
                # It has ended, or this system has no such groups.
                continue
