"""What the figures were measured on: the machine without its name, and every version that matters."""

import os
import platform
import re
import sys
import sysconfig
from datetime import UTC, datetime
from importlib.metadata import version

import asyncpg
import psutil

from benchmarks.stack import Servers
from deploy.embedded.java import java_version
from deploy.embedded.kafka_jars import wanted_checksums

LIBRARIES = ("aiohttp", "aiokafka", "asyncpg", "uvloop", "msgspec", "pydantic")


async def described(servers: Servers, load_before: float) -> dict[str, str]:
    """One line for each thing that a reader needs in order to compare. `load_before`: the system's load average."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "disk": f"{_file_system(str(servers.folder))} under the data of Kafka and Postgres",
        "load before": f"{load_before:.1f} (average of the last minute)",
        "Python": f"{platform.python_version()}, {platform.python_compiler()}, {_flags()}",
        **{name: version(name) for name in LIBRARIES},
        "Kafka": f"{_kafka_version()} on Java {java_version()}, one broker, flush.messages=1 unless said otherwise",
        "Postgres": f"{await _postgres_version(servers)}, fsync and synchronous_commit on for what is read",
    }


def _flags() -> str:
    optimised = re.findall(r"-O\w+", sysconfig.get_config_var("PY_CFLAGS") or "")
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    built = [optimised[-1] if optimised else "no -O"]
    built += [name for name in ("--enable-optimizations", "--with-lto", "--enable-shared") if name in arguments]
    if "--enable-optimizations" not in arguments:
        built.append("without profile-guided optimisation")
    return ", ".join([*built, *(["debug"] if hasattr(sys, "gettotalrefcount") else [])])


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123  # no file of ours
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _file_system(path: str) -> str:
    mounted = [each for each in psutil.disk_partitions(all=True) if path.startswith(each.mountpoint)]
    return max(mounted, key=lambda each: len(each.mountpoint)).fstype if mounted else "unknown file system"


def _kafka_version() -> str:
    jars = (re.fullmatch(r"kafka_2\.13-(.+)\.jar", name) for name in wanted_checksums())
    return next((jar[1] for jar in jars if jar), "of unknown version")


async def _postgres_version(servers: Servers) -> str:
    connection = await asyncpg.connect(servers.postgres.url)
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()
