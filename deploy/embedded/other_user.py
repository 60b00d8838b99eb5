"""PostgreSQL refuses to run as root: who it runs as instead, and whether they can reach what they need."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import launched

CANDIDATES = ("postgres", "nobody")


def user_to_run_as() -> str | None:
    """None for ourselves; for root, the first of the usual harmless users. Raises CannotStartError if there is none."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for user in CANDIDATES:
        if user in known:
            return user
    raise CannotStartError(
        "PostgreSQL refuses to run as root, and this machine has no user `postgres` or `nobody`: run as another user, "
        "or set DATABASE_URL to a server of your own"
    )


def give_to(user: str | None, folder: Path) -> None:
    """Makes the folder that user's own, with nobody else allowed in."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
        folder.chmod(0o700)


def require_reach(user: str | None, path: Path, to_change: str) -> None:
    """Raises CannotStartError, naming the first folder in the way, if that user cannot get to the path."""
    if reaches(user, path):
        return
    obstacle = next(folder for folder in [*reversed(path.parents), path] if not reaches(user, folder))
    raise CannotStartError(
        f"PostgreSQL runs as the user {user} here (it refuses to run as root), who cannot reach {path} because of the "
        f"permissions of {obstacle}: {to_change}, or run as another user, or set DATABASE_URL to a server of your own"
    )


def reaches(user: str | None, path: Path) -> bool:
    """Whether that user can pass the folder, or run the program; None: ourselves, who can."""
    if user is None:
        return True
    words = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
    return subprocess.run(launched(words, user), cwd="/", check=False).returncode == 0
