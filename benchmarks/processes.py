"""What processes of the stack have used: CPU and memory, each with all its children."""

from collections.abc import Mapping
from contextlib import suppress

import psutil


def cpu_seconds(pid: int) -> float:
    """CPU, user and system, that a process and its children have used, those included that have ended."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    used = times.user + times.system + getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            its = child.cpu_times()
            used += its.user + its.system
    return float(used)


def cpu_of(pids: Mapping[str, int]) -> dict[str, float]:
    """The CPU of each process so far, by its name."""
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


def memory_megabytes(pid: int) -> float:
    """Memory of a process and its children. What several of them share counts once where the system tells (PSS)."""
    process = psutil.Process(pid)
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            memory = each.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total / 1_048_576


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What came to each name meanwhile."""
    return {name: value - before[name] for name, value in after.items()}
