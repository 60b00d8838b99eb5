"""What memory each process has after many messages."""

from benchmarks.figures import Figure
from benchmarks.load import Load, put_load
from benchmarks.part import Bench, Part
from benchmarks.processes import memory_megabytes
from benchmarks.stack import Services
from benchmarks.world import asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log

ROOMS = 64
CONNECTIONS = 256


async def measure(bench: Bench) -> list[Figure]:
    """Memory at the start and after as many messages as the plan says, once: it does not vary as times do."""
    corner = await bench.servers.corner("memory")
    rooms = rooms_of(ROOMS)
    await write_log(corner, life_of(rooms, 0))
    async with bench.servers.services(corner) as services:
        fresh = _memory(services)
        sent = await put_load(
            Load(
                url=services.command.url,
                asking=asking_in(rooms, corner),
                connections=CONNECTIONS,
                answers=bench.plan.remembered_messages,
            )
        )
        after = _memory(services)
    how = f"all of it sent through the command service by {CONNECTIONS} connections, once; shared pages counted once"
    return [
        *(Figure(f"memory of {name} after {sent.answers:,} messages", "MB", (after[name],), how) for name in after),
        *(Figure(f"memory of {name} at its start", "MB", (fresh[name],)) for name in ("command", "projector")),
    ]


def _memory(services: Services) -> dict[str, float]:
    return {name: memory_megabytes(pid) for name, pid in services.pids.items()}


PART = Part("h", "How much memory does it take?", measure)
