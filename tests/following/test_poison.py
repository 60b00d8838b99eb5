"""What cannot be projected is parked with its place; everything else goes on; after a fix it is released in order."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from secrets import token_hex

import pytest

from services.projector.projection import Batch, Change, Connection
from services.projector.releasing import release
from shared.events.domain_event import Recorded
from shared.events.people import AvatarChanged, DisplayNameChanged
from shared.identifiers import StreamKind
from shared.log import records
from shared.log.records import CLAIM_TYPE
from shared.settings import Settings
from tests.fixtures.names import NAME, Database, Names, eventually, following, somebody, until_covered
from tests.fixtures.query_service import running_query_service
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def parked(database: Database) -> list[tuple[int, int, str]]:
    rows = await database.fetch(
        "SELECT partition, record_offset, why FROM parked_records ORDER BY partition, record_offset"
    )
    return [tuple(row) for row in rows]


async def test_records_that_nobody_can_read_are_parked_and_everything_else_goes_on(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada = somebody()
    partition = log.partition(USERS, ada)
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    envelope = {
        "specversion": "1.0", "id": "x.0", "source": "/verbatim", "type": "verbatim.user.levitated.v1", "subject": ada,
        "time": "2026-01-01T00:00:00Z", "sequence": "9", "claim": str(log.claims[partition]), "actor": ada, "data": {},
    }  # fmt: skip
    newer = {**envelope, "type": DisplayNameChanged.recorded_as, "data": {"display_name": 7}}
    large = {**envelope, "data": {"text": "x" * 1_000_000}}
    timeless = {**envelope, "type": DisplayNameChanged.recorded_as, "time": "0001-01-01T00:00:00+14:00"}
    nobodys = [{**envelope, "claim": None, "subject": subject} for subject in ("\ud800", "\0", token_hex(10_000))]
    epochless = {"writer": "x", "epoch": 2**31, "claimed_at": "2026-01-01T00:00:00Z"}
    claiming = {**envelope, "type": CLAIM_TYPE, "data": epochless}
    void = {**envelope, "claim": "99-99"}
    injected = [
        b"no json",
        b'{"half": ',
        b'{"deep": ' * 100_000,
        b"\xff\xfe",
        None,
        *(json.dumps(e).encode() for e in (envelope, newer, large, timeless, claiming, *nobodys)),
    ]
    async with following(service_settings, names.projection) as follower:
        positions = [await log.write_raw(partition, each, key=b"k") for each in injected]
        await log.write_raw(partition, json.dumps(void).encode())
        await log.write(USERS, ada, DisplayNameChanged("Ada L."))
        await eventually(lambda: follower.progress.applied_events == 2)

        assert follower.progress.parked_records == len(injected)
    assert await parked(database) == [(each.partition, each.offset, "undecodable") for each in positions]
    rows = await database.fetch("SELECT value, reason FROM parked_records ORDER BY record_offset")
    assert [row["value"] for row in rows] == injected
    assert all(row["reason"] for row in rows)
    assert await database.fetchval("SELECT name FROM names") == "Ada L."


async def test_an_event_whose_projection_fails_parks_its_stream_alone_and_is_released_in_order_after_a_fix(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, others = somebody(), [somebody() for _ in range(60)]
    names.poison.add("poison")
    for _ in range(3):
        await log.claim(log.partition(USERS, ada))
    await log.write(USERS, ada, DisplayNameChanged("Ada"), DisplayNameChanged("poison"), AvatarChanged("https://a/1"))
    await log.write_many(USERS, [(each, [DisplayNameChanged("x")]) for each in others])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        await log.claim(log.partition(USERS, ada))
        await log.write(USERS, ada, DisplayNameChanged("Countess"))
        await log.write(USERS, others[0], DisplayNameChanged("y"))
        await eventually(
            lambda: log.is_covered_by(follower.progress.next_offsets) and follower.progress.parked_records == 3
        )

        assert follower.progress.parked_streams == 1
        assert [why for *_, why in await parked(database)] == ["failed", "behind", "behind"]
        assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
        assert await database.fetchval("SELECT count(*) FROM names WHERE user_id <> $1", ada) == len(others)

        still = await release(database, (names.projection,))
        assert (still.applied, still.left) == (0, 3)

        names.poison.clear()
        done = await release(database, (names.projection,))
        assert (done.applied, done.left) == (3, 0)
        await log.write(USERS, ada, DisplayNameChanged("at last"))
        await eventually(lambda: database.fetchval("SELECT name = 'at last' FROM names WHERE user_id = $1", ada))
        assert follower.progress.parked_records == 0

    row = await database.fetchrow("SELECT name, avatar, version, applied FROM names WHERE user_id = $1", ada)
    assert row is not None
    assert tuple(row) == ("at last", "https://a/1", 5, 5)


async def test_what_only_a_later_version_can_read_is_released_by_that_one_where_it_counts(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bo = somebody(), somebody()
    with monkeypatch.context() as earlier_version:
        earlier_version.delitem(records._data, AvatarChanged.recorded_as)
        await log.write(
            USERS, ada, DisplayNameChanged("Ada"), AvatarChanged("https://a/1"), DisplayNameChanged("Ada L.")
        )
        await log.write(USERS, bo, DisplayNameChanged("Bo"), AvatarChanged("https://a/2"))
        async with following(service_settings, names.projection) as follower:
            await until_covered(log, follower)
        assert [why for *_, why in await parked(database)] == ["undecodable", "undecodable"]
        assert (await release(database, (names.projection,))).left == 2

    # Of the other one it turns out that it does not count.
    await database.execute("UPDATE parked_records SET claim_epoch = claim_epoch + 1 WHERE stream_id = $1", bo)
    released = await release(database, (names.projection,))
    assert (released.applied, released.void, released.left) == (1, 1, 0)
    assert await parked(database) == []
    rows = await database.fetch("SELECT name, avatar FROM names ORDER BY name")
    assert [tuple(row) for row in rows] == [("Ada L.", "https://a/1"), ("Bo", None)]


@pytest.mark.parametrize("no_id", ["a\0b", token_hex(10_000)], ids=["a text that no column holds", "a long text"])
async def test_an_event_of_what_is_no_stream_is_parked_alone_and_stays_so(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database, no_id: str
) -> None:
    await log.write(USERS, no_id, DisplayNameChanged("nobody"))
    await log.write(USERS, no_id, DisplayNameChanged("nobody"))
    ada = somebody()
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert [why for *_, why in await parked(database)] == ["failed", "behind"]
        released = await release(database, (names.projection,))

    assert (released.applied, released.left) == (0, 2)
    assert await database.fetchval("SELECT count(*) FROM parked_streams") == 1
    assert [tuple(row) for row in await database.fetch("SELECT user_id::text, name FROM names")] == [(ada, "Ada")]


async def test_an_event_of_which_it_cannot_be_told_what_it_changes_parks_its_stream_alone(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, others = somebody(), [somebody() for _ in range(20)]
    clause = names.projection.clauses[DisplayNameChanged]

    def rows(recorded: Recorded[DisplayNameChanged]) -> object:
        if recorded.event.display_name == "no row":
            raise KeyError("the row")
        return clause.rows(recorded)

    names.projection.clauses[DisplayNameChanged] = replace(clause, rows=rows)
    await log.write(USERS, ada, DisplayNameChanged("Ada"), DisplayNameChanged("no row"), AvatarChanged("https://a/1"))
    await log.write_many(USERS, [(each, [DisplayNameChanged("x")]) for each in others])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)

    assert [why for *_, why in await parked(database)] == ["failed", "behind"]
    assert (await database.fetchval("SELECT reason FROM parked_streams")).startswith("KeyError in rows")
    assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
    assert await database.fetchval("SELECT count(*) FROM names WHERE name = 'x'") == len(others)


async def test_a_stream_that_is_parked_stays_so_in_a_batch_of_which_another_one_fails(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, bo = _two_in_one_partition(log)
    names.poison.add("poison")
    await log.write(USERS, ada, DisplayNameChanged("Ada"), DisplayNameChanged("poison"))
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
    await log.write(USERS, ada, DisplayNameChanged("Countess"))
    await log.write(USERS, bo, DisplayNameChanged("Bo"), DisplayNameChanged("poison"))
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)

    assert sorted(why for *_, why in await parked(database)) == ["behind", "failed", "failed"]
    rows = await database.fetch("SELECT name, applied FROM names ORDER BY name")
    assert [tuple(row) for row in rows] == [("Ada", 1), ("Bo", 1)]


async def test_a_stream_that_is_parked_when_the_next_batch_is_planned_already_is_parked_in_that_one_too(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projector.reading.RECORDS_AT_ONCE", 5)
    monkeypatch.setattr("services.projector.ahead.BATCH_RECORDS", 10)
    ada = somebody()
    names.poison.add("poison")
    planned = _hold_poison_until_planned(names, "planned ahead")
    given = ["Ada", "poison", *["x"] * 9, "planned ahead", *["y"] * 9]
    await log.write_many(USERS, [(ada, [DisplayNameChanged(each)]) for each in given])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert planned.is_set()
        assert [why for *_, why in await parked(database)] == ["failed", *["behind"] * (len(given) - 2)]
        assert await database.fetchval("SELECT name FROM names") == "Ada"

        names.poison.clear()
        assert (await release(database, (names.projection,))).left == 0
    row = await database.fetchrow("SELECT name, version, applied FROM names")
    assert row is not None
    assert tuple(row) == ("y", len(given), len(given))


def _two_in_one_partition(log: WrittenLog) -> tuple[str, str]:
    """What is written of them before it is followed is one batch."""
    ada = somebody()
    return ada, next(each for each in iter(somebody, "") if log.partition(USERS, each) == log.partition(USERS, ada))


def _hold_poison_until_planned(names: Names, name: str) -> asyncio.Event:
    """Has a batch with poison in it fail only when a batch with this name is planned; gives what tells that it is."""
    planned, clause = asyncio.Event(), names.projection.clauses[DisplayNameChanged]

    def rows(recorded: Recorded[DisplayNameChanged]) -> object:
        if recorded.event.display_name == name:
            planned.set()
        return clause.rows(recorded)

    @dataclass
    class Waiting:
        given: set[str]

        async def make(self, _: Connection) -> None:
            if names.poison & self.given:
                await asyncio.wait_for(planned.wait(), 10.0)

    def changes(events: Batch[DisplayNameChanged]) -> Iterator[Change]:
        yield Waiting({each.event.display_name for each in events})
        yield from clause.changes(events)

    names.projection.clauses[DisplayNameChanged] = replace(clause, rows=rows, changes=changes)
    return planned


async def test_a_question_about_something_parked_is_told_so_and_health_counts_it(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    ada, bo = somebody(), somebody()
    names.poison.add("poison")
    position = await log.write(USERS, ada, DisplayNameChanged("poison"))
    other = await log.write(USERS, bo, DisplayNameChanged("Bo"))
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as service:
        answer = await service.get("/v1/name", by=ada, min_position=str(position))
        fine = await service.get("/v1/name", by=bo, min_position=str(other))
        health = await service.get("/health")
        metrics = await service.session.get(f"{service.url}/metrics")

        assert (answer.status, answer.body["code"], answer.body["state"]) == (409, "not-yet", "parked")
        assert (fine.status, fine.body) == (200, {"name": "Bo"})
        assert (health.status, health.body["status"], health.body["parked"]) == (200, "ok", 1)
        assert "verbatim_parked_records 1.0" in await metrics.text()
