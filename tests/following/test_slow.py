"""A batch that takes too long holds nothing up for ever: it is applied in parts, or what is slow is parked."""

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from services.projector.projection import Batch, Change, Statement
from services.projector.releasing import release
from shared.events.people import AvatarChanged, ContactPolicySet, DisplayNameChanged
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import Database, Names, eventually, following, somebody, until_covered
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS
ENOUGH_SECONDS = 1.0
FAR_TOO_LONG = 60.0


@pytest.fixture(autouse=True)
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.projector.read_model.BATCH_SECONDS", ENOUGH_SECONDS)
    monkeypatch.setattr("services.projector.read_model.LOCK_SECONDS", ENOUGH_SECONDS / 4)


def tries() -> float:
    return REGISTRY.get_sample_value("verbatim_projected_batch_seconds_count") or 0.0


async def test_a_batch_that_is_too_large_for_its_time_is_applied_in_parts(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(64)]
    names.seconds_of = lambda given: len(given) * ENOUGH_SECONDS / 20
    await log.write_many(USERS, [(each, [DisplayNameChanged(each), AvatarChanged("https://a/1")]) for each in people])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert follower.progress.parked_records == 0

    assert {tuple(row) for row in await database.fetch("SELECT avatar, applied FROM names")} == {("https://a/1", 2)}
    assert await database.fetchval("SELECT count(*) FROM names WHERE name = user_id::text") == len(people)


async def test_an_event_that_alone_takes_too_long_parks_its_stream_alone_and_is_released_when_there_is_time(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, others = somebody(), [somebody() for _ in range(7)]
    names.seconds_of = lambda given: FAR_TOO_LONG if "slow" in given else 0.0
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    slow = await log.write(USERS, ada, DisplayNameChanged("slow"))
    await log.write(USERS, ada, AvatarChanged("https://a/1"))
    await log.write_many(USERS, [(each, [DisplayNameChanged("x")]) for each in others])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert (follower.progress.parked_records, follower.progress.parked_streams) == (2, 1)
        [parked] = await database.fetch("SELECT record_offset, reason FROM parked_records WHERE why = 'failed'")
        assert (parked["record_offset"], parked["reason"]) == (slow.offset, "QueryCanceledError (57014)")
        assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
        assert await database.fetchval("SELECT count(*) FROM names WHERE name = 'x'") == len(others)

        names.seconds_of = lambda _: 0.0
        assert (await release(database, (names.projection,))).applied == 2

    assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "slow"


async def test_streams_that_the_slow_statement_was_not_about_are_applied_together(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    in_partition = [each for each in (somebody() for _ in range(200)) if log.partition(USERS, each).partition == 0]
    slow, *others = in_partition[:20]
    tried: list[set[str]] = []

    @names.projection.on(ContactPolicySet, rows="stream_id")
    def take_long(_: Batch[ContactPolicySet]) -> Iterator[Change]:
        yield Statement("SELECT pg_sleep($1)", FAR_TOO_LONG)

    def seconds_of(given: set[str]) -> float:
        tried.append(given)
        return 0.0

    names.seconds_of = seconds_of
    await log.write(USERS, slow, DisplayNameChanged("slow"), ContactPolicySet("request"))
    await log.write_many(USERS, [(each, [DisplayNameChanged(each)]) for each in others])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert (follower.progress.parked_records, follower.progress.parked_streams) == (1, 1)

    everybody = {*others, "slow"}
    assert tried == [everybody, everybody, {*others}, {"slow"}]


async def test_a_batch_that_took_too_long_once_is_tried_again_as_it_is(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    seconds, taken_together = [FAR_TOO_LONG], list[int]()

    def seconds_of(given: set[str]) -> float:
        taken_together.append(len(given))
        return seconds.pop() if seconds else 0.0

    names.seconds_of = seconds_of
    people = [each for each in (somebody() for _ in range(100)) if log.partition(USERS, each).partition == 0]
    await log.write_many(USERS, [(each, [DisplayNameChanged(each)]) for each in people])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert follower.progress.parked_records == 0

    assert taken_together == [len(people), len(people)]
    assert await database.fetchval("SELECT count(*) FROM names WHERE applied = 1") == len(people)


async def test_how_often_a_batch_took_too_long_says_nothing_of_the_next_one(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    seconds, ada = [FAR_TOO_LONG], somebody()
    names.seconds_of = lambda _: seconds.pop() if seconds else 0.0
    before = tries()
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        assert tries() == before + 2
        seconds.append(FAR_TOO_LONG)
        await log.write(USERS, ada, DisplayNameChanged("Countess"))
        await until_covered(log, follower)

    assert tries() == before + 4


async def test_a_batch_that_waits_for_a_lock_is_tried_until_it_has_it(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada = somebody()
    async with following(service_settings, names.projection) as follower:
        await eventually(lambda: follower.progress.following)
        async with database.transaction():
            await database.execute("LOCK TABLE names")
            tried = tries()
            await log.write(USERS, ada, DisplayNameChanged("Ada"))
            await eventually(lambda: tries() >= tried + 4)
        await until_covered(log, follower)
        assert follower.progress.parked_records == 0

    assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
