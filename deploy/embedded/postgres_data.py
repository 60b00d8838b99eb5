"""PostgreSQL's data folder: made once, with a password of its own, and cleared of what a crash leaves behind."""

import contextlib
import locale
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import launched
from deploy.embedded.postgres_programs import PostgresPrograms

SUPERUSER = "verbatim"
BUILTIN_LOCALE_SINCE = 17
STATUS_LINE = 7  # of postmaster.pid, counted from 0: PostgreSQL's own format since 10


def password_of(folder: Path) -> str:
    """The superuser's password, as it was made with the data."""
    return _password_file(folder).read_text()


def make_data(folder: Path, programs: PostgresPrograms, user: str | None, *, durable: bool) -> None:
    """Makes `data` in the folder, complete or not at all. Raises CannotStartError with PostgreSQL's reason."""
    _write_password(folder, user)
    unfinished = folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    words = [
        str(programs.folder / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={SUPERUSER}",
        f"--pwfile={_password_file(folder)}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        *_locale_options(programs.major),
        *([] if durable else ["--no-sync"]),
    ]
    ran = subprocess.run(
        launched(words, user),
        cwd=folder,
        env={**os.environ, "LC_MESSAGES": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        reason = next((line for line in ran.stderr.splitlines() if "error" in line.lower()), ran.stderr.strip()[-300:])
        raise CannotStartError(f"PostgreSQL could not make its data in {folder} ({reason}): is there room?")
    unfinished.rename(folder / "data")


def says_ready(data: Path) -> bool:
    """Whether the server has noted that it takes connections; whoever comes before that is an error in its log."""
    try:
        noted = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(noted) > STATUS_LINE and noted[STATUS_LINE].strip() == "ready"


def forget_dead_postmaster(data: Path) -> bool:
    """Removes the lock file of a server that is not there any more; says whether there was one of any kind.

    PostgreSQL does so itself, but takes any process of its own user with that number for the old server.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n")[0])
    except (OSError, ValueError):
        return lock.exists()
    if Path("/proc/self").exists() and not _is_postgres(pid):
        lock.unlink()
    return True


def _is_postgres(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    return False


def _write_password(folder: Path, user: str | None) -> None:
    password = _password_file(folder)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    if user is not None:
        shutil.chown(password, user)


def _password_file(folder: Path) -> Path:
    return folder / "password"


def _locale_options(major: int) -> list[str]:
    """Text in any script, compared by code point: the same order on every machine."""
    if major >= BUILTIN_LOCALE_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ["--locale=C"]  # there, `lower` knows ASCII only
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return ["--locale=C.UTF-8"]
