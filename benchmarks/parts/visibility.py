"""How soon a writer can read what they wrote, while the system is half busy."""

import asyncio

from benchmarks.figures import Bar, Figure, Rounds
from benchmarks.load import Load, put_load
from benchmarks.part import Bench, Part
from benchmarks.probing import Probing, probe
from benchmarks.world import asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log

ROOMS = 64
PROBERS = 10
PROBES_PER_SECOND = 50.0
CONNECTIONS = 64
P50, P99 = Bar(10.0), Bar(100.0)


async def measure(bench: Bench) -> list[Figure]:
    """From the acknowledgement to an answer that shows the message, at half of the highest load."""
    corner = await bench.servers.corner("visibility")
    rooms, probed = rooms_of(ROOMS + PROBERS)[:ROOMS], rooms_of(ROOMS + PROBERS)[ROOMS:]
    await write_log(corner, life_of([*rooms, *probed], 0))
    rounds, asking = Rounds(), asking_in(rooms, corner)
    async with bench.servers.services(corner) as services:
        load = Load(
            url=services.command.url,
            asking=asking,
            connections=CONNECTIONS,
            warm_up_seconds=bench.plan.warm_up_seconds,
            seconds=bench.plan.load_seconds,
        )
        probing = Probing(
            services.command.url,
            services.projector.url,
            asking_in(probed, corner),
            PROBES_PER_SECOND,
            bench.plan.visible_seconds,
        )
        for _ in range(bench.plan.rounds):
            highest = (await put_load(load)).per_second
            half = Load(
                url=load.url,
                asking=asking,
                connections=CONNECTIONS,
                seconds=bench.plan.visible_seconds + bench.plan.warm_up_seconds,
                per_second=highest / 2,
                pids=services.pids,
            )
            beside, visible = await asyncio.gather(put_load(half), probe(probing))
            rounds.note_all({"highest": highest, "half": beside.per_second, "p50": visible.p50, "p99": visible.p99})
            rounds.note_all({name: beside.cpu[name] / beside.seconds * 100 for name in beside.cpu})
    return _figures(rounds)


def _figures(rounds: Rounds) -> list[Figure]:
    how = (
        f"{PROBES_PER_SECOND:.0f} times a second a message is sent and, once acknowledged, read by a question that "
        "names its position; the time from the acknowledgement to the answer that shows it, HTTP included, beside "
        "half of the load that this round bore at most"
    )
    return [
        Figure("acknowledged to visible, p50", "ms", rounds.of("p50"), how, P50),
        Figure("acknowledged to visible, p99", "ms", rounds.of("p99"), how, P99),
        Figure("highest load", "commands/s", rounds.of("highest"), f"{CONNECTIONS} connections that ask at once"),
        Figure("load meanwhile", "commands/s", rounds.of("half")),
        *(
            Figure(f"CPU of {name} meanwhile", "% of a core", rounds.of(name))
            for name in ("command", "projector", "Kafka", "Postgres")
        ),
    ]


PART = Part("e", "How soon is a message visible?", measure)
