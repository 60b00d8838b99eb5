"""How long one client waits for an acknowledgement, beside what HTTP and the append alone take."""

from dataclasses import replace

from benchmarks.figures import Bar, Figure, Rounds, quotients
from benchmarks.floors.bare_append import bare_appends
from benchmarks.load import Load, Measured, put_load
from benchmarks.part import Bench, Part
from benchmarks.world import Placed, asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log
from shared.identifiers import StreamKind
from shared.log.records import Claim, encode_record
from shared.log.topics import ensure_topics
from shared.settings import Settings

FLUSHED, UNFLUSHED = "each append flushed", "appends not flushed"
BAR = Bar(2.2, aim=1.5)
ROOMS = rooms_of(1)


async def measure(bench: Bench) -> list[Figure]:
    """The p50 of a client that asks one thing after another, over the p50s of HTTP and of an append together."""
    rounds, bare = Rounds(), bench.servers.bare_http()
    flushed = await _corner(bench, "flushed", flush=True)
    unflushed = await _corner(bench, "unflushed", flush=False)
    async with bench.servers.services(flushed) as with_flush, bench.servers.services(unflushed) as without:
        try:
            await bare.start()
            for _, compared in bench.in_turn(((FLUSHED, with_flush), (UNFLUSHED, without))):
                http = await _one_after_another(bench, bare.url, flushed)
                _note(rounds, "HTTP", http.p50, http.p99)
                for name, services in compared:
                    floor = await _appends(bench, services.settings)
                    _note(rounds, f"append, {name}", floor.p50, floor.p99)
                    ours = await _one_after_another(bench, services.command.url, services.settings)
                    _note(rounds, name, ours.p50, ours.p99)
        finally:
            await bare.stop()
    return [
        *_figures(rounds, FLUSHED, BAR),
        *_figures(rounds, UNFLUSHED, None),
        Figure("floor: bare HTTP p50", "ms", rounds.of("HTTP p50"), "the same client and the same requests"),
    ]


async def _corner(bench: Bench, name: str, *, flush: bool) -> Settings:
    settings = await bench.servers.corner(name, kafka_flush_each_append=flush)
    await write_log(settings, life_of(ROOMS, 0))
    await ensure_topics(_floor(settings))
    return settings


def _floor(settings: Settings) -> Settings:
    """Topics made in the same way, which no service writes to."""
    return replace(settings, topic_prefix=f"floor-{settings.topic_prefix}")


async def _one_after_another(bench: Bench, url: str, settings: Settings) -> Measured:
    return await put_load(
        Load(
            url=url,
            asking=asking_in(ROOMS, settings),
            connections=1,
            warm_up_seconds=bench.plan.warm_up_seconds,
            answers=bench.plan.sequential_answers,
        )
    )


async def _appends(bench: Bench, settings: Settings) -> Measured:
    *_, message = life_of(ROOMS, 1)
    topic = _floor(settings).topic(StreamKind.CONVERSATIONS)
    return await bare_appends(settings.kafka_bootstrap_servers, topic, *_record(message), bench.plan.sequential_answers)


def _record(message: Placed) -> tuple[bytes, bytes]:
    _, recorded = message
    return recorded.stream_id.encode(), encode_record(recorded, Claim(0, 0))


def _note(rounds: Rounds, name: str, p50: float, p99: float) -> None:
    rounds.note(f"{name} p50", p50)
    rounds.note(f"{name} p99", p99)


def _figures(rounds: Rounds, name: str, bar: Bar | None) -> list[Figure]:
    ours = rounds.of(f"{name} p50")
    floor = rounds.sums("HTTP p50", f"append, {name} p50")
    return [
        Figure(
            f"acknowledgement p50 over the floor, {name}",
            "ratio",
            quotients(ours, floor),
            "one client, one request after another; the floor is the p50 of a bare POST and the p50 of one record "
            "appended alone to a topic of the same settings, added up",
            bar,
        ),
        Figure(f"acknowledgement p50, {name}", "ms", ours),
        Figure(f"acknowledgement p99, {name}", "ms", rounds.of(f"{name} p99")),
        Figure(
            f"floor: bare append p50, {name}",
            "ms",
            rounds.of(f"append, {name} p50"),
            "a message's record, sent as the command service sends it: one Produce request, acks=all",
        ),
    ]


PART = Part("b", "How long does one client wait?", measure)
