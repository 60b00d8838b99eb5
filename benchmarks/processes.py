"""What processes of the stack have used: CPU and memory, each with all its children."""

from collections.abc import Mapping
from contextlib import suppress

import psutil


def cpu_seconds(pid: int) -> float:
    """CPU, user and system, that a process and its children have used, those included that have ended.

    What a child has used is its parent's once it has ended: counted while one ends, it would be counted twice or not at
    all, so it is counted again until none has.
    """
    process = psutil.Process(pid)
    there = _children_of(process)
    while True:
        used = _own_and_ended(process) + sum(map(_own, there))
        there, before = _children_of(process), there
        if there == before:
            return used


def _children_of(process: psutil.Process) -> list[psutil.Process]:
    return sorted(process.children(recursive=True), key=lambda child: child.pid)


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _own_and_ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


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
