"""Turns itself into another program that ends when its parent does, as another user if asked.

Run as a script and without site-packages, since it stands at the head of every child:
`python -I -S launch.py PARENT_PID SIGNAL USER|- PROGRAM WORD…`, with the program's whole path (nothing can be imported
after the change of user). It does what `preexec_fn` would, but is safe beside threads.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, signal_number: int, user: str, command: list[str]) -> None:
    """Never returns: the process is the command afterwards, or has ended."""
    # Loaded before the user changes, who may not be able to read it, and called after, since the change undoes it.
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    if user != "-":
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)
    try:
        os.execv(command[0], command)  # noqa: S606 - it is what this file is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(127)


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
