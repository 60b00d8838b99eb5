"""Kafka itself: fetched once with Maven, checked file by file, kept for every clone and test on this machine."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import Command, start_child
from deploy.embedded.java import require_maven

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
CHECKSUMS = HERE / "kafka_jars.sha256"
FETCH_SECONDS = 900
UNFINISHED = ".fetching-"


def cache_folder() -> Path:
    """Where the jars are kept: a folder named after exactly these jars, below VERBATIM_CACHE or the user's cache."""
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = Path(os.environ.get("VERBATIM_CACHE") or user_cache / "verbatim")
    return root.absolute() / f"kafka-{hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:12]}"


async def kafka_jars(say: Callable[[str], None] = print) -> Path:
    """The folder with Kafka's jars, complete and unharmed; fetched if they are not there.

    Raises CannotStartError if Maven is missing, or if what it brings is not what it should be.
    """
    folder, wanted = cache_folder(), wanted_checksums()
    if not folder.is_dir():
        require_maven()
        say(f"fetching Kafka with Maven into {folder} (44 MB, once) …")
        await _fetch(folder, wanted)
    elif damaged := damaged_files(folder, wanted):
        raise CannotStartError(f"{damaged[0]} in {folder} is missing or damaged: remove that folder and start again")
    return folder


def wanted_checksums() -> Mapping[str, str]:
    """The SHA-256 of each jar, by its name."""
    pairs = (line.split("  ") for line in CHECKSUMS.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def damaged_files(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """The files that are not there, or not as they should be."""
    return [name for name, digest in wanted.items() if _digest(folder / name) != digest]


async def _fetch(folder: Path, wanted: Mapping[str, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _forget_interrupted(folder.parent)
    # Beside its place, so that the last step is one rename: a folder of that name is complete.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=UNFINISHED) as parent:
        jars = Path(parent) / "jars"
        await copy_with_maven(jars)
        if damaged := damaged_files(jars, wanted):
            raise CannotStartError(
                f"Maven brought a broken {damaged[0]}: remove it from Maven's local repository (usually "
                "~/.m2/repository), so that it is fetched again, and start again"
            )
        with contextlib.suppress(FileExistsError, NotADirectoryError):  # another one was quicker
            jars.rename(folder)


def _forget_interrupted(parent: Path) -> None:
    for old in parent.glob(f"{UNFINISHED}*"):
        if time.time() - old.stat().st_mtime > FETCH_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


async def copy_with_maven(folder: Path) -> None:
    """Has Maven put the jars into the folder. Raises CannotStartError with Maven's own reason if it cannot."""
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    words = ["mvn", "-B", "-q", "--strict-checksums", "-Dstyle.color=never", "-f", str(POM), *goal]
    log = folder.parent / "maven.log"
    maven = start_child(Command("Maven", words, log))
    try:
        if not await maven.ended(FETCH_SECONDS):
            line = f"Maven did not bring Kafka within {FETCH_SECONDS // 60} minutes: check the network and start again"
            raise CannotStartError(line)
    finally:
        maven.kill()
    if maven.exit_code:
        reason = _reason(log.read_text(errors="replace"))
        line = f"Maven could not bring Kafka ({reason}): check the network or Maven's settings and start again"
        raise CannotStartError(line)


def _reason(output: str) -> str:
    lines = [line.removeprefix("[ERROR]").strip() for line in output.splitlines()]
    first = next((line for line in lines if line), "it did not say why")
    return first if len(first) <= 300 else f"{first[:300]}…"


def _digest(jar: Path) -> str:
    if not jar.is_file():
        return ""
    with jar.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def renew_checksums() -> None:
    """After a change of pom.xml: writes down what Maven brings now. To be read before it is committed."""
    with tempfile.TemporaryDirectory() as parent:
        jars = Path(parent) / "jars"
        await copy_with_maven(jars)
        CHECKSUMS.write_text("".join(f"{_digest(jar)}  {jar.name}\n" for jar in sorted(jars.glob("*.jar"))))


def main() -> None:
    """Fetches Kafka if it is not there; with `--renew` writes the checksums anew before."""
    try:
        if "--renew" in sys.argv[1:]:
            asyncio.run(renew_checksums())
        asyncio.run(kafka_jars())
    except CannotStartError as error:
        sys.exit(f"verbatim: {error}")


if __name__ == "__main__":
    main()
