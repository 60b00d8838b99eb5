"""Java and Maven, as this machine has them."""

import re
import shutil
import subprocess

from deploy.embedded.cannot_start import CannotStartError

OLDEST_JAVA = 17
WARNS_OF_UNSAFE_MEMORY = 24  # from here on it complains about a call that Kafka still makes


def java_version() -> int:
    """The major version of `java` on PATH. Raises CannotStartError without one, or with one too old for Kafka."""
    if shutil.which("java") is None:
        raise CannotStartError(
            "Java is not on PATH, and the embedded Kafka needs it: install Java 17 or newer (Debian: "
            "apt install default-jre-headless), or set KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own"
        )
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if said.returncode or found is None:
        raise CannotStartError(
            f"`java -version` does not work here ({_first_line(said.stderr)}): install Java 17 or newer"
        )
    version = int(found[1])
    if version < OLDEST_JAVA:
        raise CannotStartError(f"Java {version} is on PATH, and Kafka needs 17 or newer: install it and put it first")
    return version


def java_options(version: int) -> list[str]:
    """What the virtual machine is told: little memory, and to end when that is used up, to be started again."""
    options = ["-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"]
    return [*options, "--sun-misc-unsafe-memory-access=allow"] if version >= WARNS_OF_UNSAFE_MEMORY else options


def require_maven() -> None:
    """Raises CannotStartError if `mvn` is not there."""
    if shutil.which("mvn") is None:
        raise CannotStartError(
            "Maven is not on PATH, and the embedded Kafka is fetched with it: install it (Debian: apt install maven), "
            "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own"
        )


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]
