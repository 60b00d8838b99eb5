"""A run: load and looks, one fault after the other, then quiet, and every promise is checked."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.operator.verifying.findings import Report
from tests.blackbox.checking import Bite as SeenByClients
from tests.blackbox.checking import bite_of, evidence_of, findings_in, where_it_begins
from tests.blackbox.finding import Finding
from tests.blackbox.history import ACCEPTED
from tests.blackbox.link import Link
from tests.blackbox.load import Load
from tests.blackbox.looking import Readers
from tests.blackbox.quiet import quiet
from tests.blackbox.stack import Links, running_stack
from tests.blackbox.town import town_of
from tests.chaos.biting import Bite, Fault
from tests.chaos.killing import KILLING
from tests.chaos.linking import LINKING
from tests.chaos.planning import Kind, Planned
from tests.chaos.redelivering import REDELIVERING
from tests.chaos.repeating import REPEATING
from tests.chaos.square import Square, comes_true
from tests.chaos.standing import STANDING

FAULTS: dict[Kind, Fault] = KILLING | STANDING | LINKING | REDELIVERING | REPEATING
MEMBERS = 4
READERS = 8
SETTLE_SECONDS = 120.0
REPLAYED_AT_LAST = 200


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked, and for how long. A room and its four members are five streams."""

    commands: int = 100_000
    seconds: float = 180.0
    clients: int = 64
    rooms: int = 40


@dataclass(frozen=True, slots=True)
class Dealt:
    """A fault that was, at so many seconds of the run, and how long afterwards everything was served again."""

    planned: Planned
    at: float
    bite: Bite
    healed: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    seed: int
    seconds: float
    commands: int
    answers: Counter[str]
    accepted: Counter[str]
    slowest: float
    looks: Counter[int]
    dealt: list[Dealt]
    clients: SeenByClients
    fenced_or_unknown: dict[str, float]
    void_records: int
    verified: Report
    findings: list[Finding]

    @property
    def void(self) -> list[str]:
        """What did not bite, and therefore says nothing."""
        lacking = {
            "no answer was unknown": not self.clients.unknown,
            "no retry met a record": not self.clients.met_a_record,
        }
        lacking |= {f"nothing was accepted of what is {kind}": not count for kind, count in self.accepted.items()}
        return [what for what, lacks in lacking.items() if lacks] + [
            str(each.planned.kind) for each in self.dealt if not each.bite.count
        ]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, and everything bit."""
        return not self.findings and self.verified.is_clean and not self.void


async def run(
    seed: int,
    plan: Iterable[Planned],
    size: Size,
    folder: Path,
    answered_within: float,
    say: Callable[[str], None] = partial(print, flush=True),  # noqa: B008  # it has no state
) -> Outcome:
    """Deals the plan's faults until it or the load ends. Raises AssertionError where something does not heal."""
    async with AsyncExitStack() as exits:
        links = Links(Link(kafka=True), Link())
        await exits.enter_async_context(links.kafka)
        await exits.enter_async_context(links.postgres)
        stack = await exits.enter_async_context(running_stack(folder, links))
        await stack.start_standby(stack.second)
        await stack.start_standby(stack.second_projector)
        urls = [stack.command.url, stack.second.url]
        town = await town_of(stack.command.url, size.rooms, MEMBERS)
        load = Load(town, folder / "load.jsonl", urls, seed, size.commands)
        square = Square(stack, links, load)
        began_at, began = await where_it_begins(stack.settings), time.monotonic()
        say(f"seed {seed}: {len(town.tokens)} people in {size.rooms} rooms; it begins")
        looking = asyncio.create_task(Readers(load, [each.url for each in square.projectors]).run(READERS))
        loading = asyncio.create_task(load.run(size.clients))
        try:
            dealt = await _deal(square, plan, began + size.seconds, loading, say)
            await comes_true(lambda: loading.done() or all(load.accepted_by_kind().values()))
            load.stop()
            async with asyncio.timeout(SETTLE_SECONDS):
                await loading
                seconds = time.monotonic() - began
                await _ask_again(square, random.Random(seed))
        finally:
            looking.cancel()
            loading.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        say(f"quiet after {seconds:.0f} s and {len(load.history.tries):,} requests")
        verified = await quiet(stack.settings)
        evidence = await evidence_of(load.history, began_at, stack.settings)
        return Outcome(
            seed,
            seconds,
            len(load.history.wishes),
            load.outcomes(),
            load.accepted_by_kind(),
            max((each.seconds for each in load.history.tries), default=0.0),
            Counter(each.status for each in load.history.looks),
            dealt,
            bite_of(evidence),
            await _counted(square),
            evidence.log.void,
            verified,
            findings_in(evidence, answered_within),
        )


async def _deal(
    square: Square, plan: Iterable[Planned], until: float, loading: asyncio.Task[None], say: Callable[[str], None]
) -> list[Dealt]:
    dealt: list[Dealt] = []
    began, last = time.monotonic(), time.monotonic()
    for planned in plan:
        moment = last + planned.pause
        if moment > until:
            break
        await asyncio.wait([loading], timeout=max(0.0, moment - time.monotonic()))
        if loading.done() or time.monotonic() > until:
            break
        last = time.monotonic()
        say(f"{last - began:5.0f} s  {planned.kind}")
        bite = await FAULTS[planned.kind](square, planned)
        healing = time.monotonic()
        await square.healed()
        dealt.append(Dealt(planned, last - began, bite, time.monotonic() - healing))
        say(f"         {bite.count} {bite.how}; healed {dealt[-1].healed:.1f} s later")
    return dealt


async def _ask_again(square: Square, chance: random.Random) -> None:
    """At last, what was accepted long ago is asked once more: it has its first answer for ever."""
    load = square.load
    accepted = sorted({each.wish for each in load.history.tries if each.outcome == ACCEPTED})
    url = (await square.writer()).url
    async with load.session():
        for name in chance.sample(accepted, min(REPLAYED_AT_LAST, len(accepted))):
            wish = load.history.wishes[name]
            await load.settle(wish, load.town.tokens[wish.actor], chance, url)


async def _counted(square: Square) -> dict[str, float]:
    """What the writers counted since they were last started."""
    names = ("verbatim_fenced_appends_total", "verbatim_unknown_appends_total", "verbatim_repeats_total")
    return {
        name.removeprefix("verbatim_").removesuffix("_total"): sum(
            [await square.stack.metric(service, name) for service in square.commands]
        )
        for name in names
    }
