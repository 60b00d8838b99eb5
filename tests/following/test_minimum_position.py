"""How a caller reads their own writes, and what a question answers when that is not possible yet."""

import asyncio
from dataclasses import replace

import pytest

from shared.events.people import DisplayNameChanged
from shared.identifiers import StreamKind
from shared.log.positions import Position
from shared.settings import Settings
from tests.fixtures.names import NAME, Database, Names, eventually, somebody
from tests.fixtures.query_service import QueryService, running_query_service
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def test_a_question_that_names_a_position_waits_until_it_is_projected(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    ada = somebody()
    first = await log.write(USERS, ada, DisplayNameChanged("0"))
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as service:
        await service.get("/v1/name", by=ada, min_position=str(first))
        for number in range(1, 20):
            position = await log.write(USERS, ada, DisplayNameChanged(str(number)))
            by_header = await service.get("/v1/name", by=ada, min_position=f"{first}, {position}")
            by_parameter = await service.get(f"/v1/name?min_position={position}", by=ada)

            assert (by_header.status, by_header.body) == (200, {"name": str(number)})
            assert by_parameter.body == by_header.body


async def test_what_is_not_there_in_time_is_said_to_be_pending(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    settings = replace(service_settings, min_position_wait_seconds=0.3)
    ada = somebody()
    here = await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with running_query_service(settings, (names.projection,), (NAME,)) as service:
        await eventually(lambda: _answers(service, ada, here))
        beyond = Position(USERS, here.partition, here.offset + 7)
        answer = await service.get("/v1/name", by=ada, min_position=str(beyond))

    assert answer.status == 409
    assert (answer.body["code"], answer.body["state"], answer.body["records_behind"]) == ("not-yet", "pending", 7)
    assert answer.body["retryable"] is True


async def _answers(service: QueryService, person: str, position: Position) -> bool:
    return (await service.get("/v1/name", by=person, min_position=str(position))).status == 200


@pytest.mark.parametrize(
    "text", ["x", "u0", "u9-1", "u0-x", "z0-1", "u0-1;u0-2", "u0-1, nothing", ", ".join(["u0-0"] * 101)]
)
async def test_what_is_no_position_is_refused(
    service_settings: Settings, names: Names, log: WrittenLog, text: str
) -> None:
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as service:
        answer = await service.get("/v1/name", min_position=text)

    assert (answer.status, answer.body["code"]) == (400, "malformed-request")


async def test_a_question_may_name_a_hundred_positions(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    ada = somebody()
    position = await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as service:
        answer = await service.get("/v1/name", by=ada, min_position=", ".join([str(position)] * 100))

    assert (answer.status, answer.body) == (200, {"name": "Ada"})


async def test_a_service_that_waits_while_another_follows_answers_from_the_same_tables(
    service_settings: Settings, names: Names, log: WrittenLog
) -> None:
    ada = somebody()
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as one:
        first = await log.write(USERS, ada, DisplayNameChanged("Ada"))
        await one.get("/v1/name", by=ada, min_position=str(first))
        async with running_query_service(service_settings, (names.projection,), (NAME,)) as other:
            position = await log.write(USERS, ada, DisplayNameChanged("Ada L."))
            answer = await other.get("/v1/name", by=ada, min_position=str(position))
            health = await other.get("/health")

    assert (answer.status, answer.body) == (200, {"name": "Ada L."})
    assert (health.status, health.body["following"]) == (200, False)


async def test_while_the_tables_are_filled_for_the_first_time_a_question_is_told_so(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    settings = replace(service_settings, min_position_wait_seconds=0.5)
    ada = somebody()
    position = await log.write(USERS, ada, DisplayNameChanged("Ada"))
    stuck = asyncio.Event()
    names.interrupt = stuck.wait  # type: ignore[assignment]  # only that it does not end matters
    async with running_query_service(settings, (names.projection,), (NAME,)) as service:
        answer = await service.get("/v1/name", by=ada, min_position=str(position))
        stuck.set()

    assert (answer.status, answer.body["state"]) == (409, "rebuilding")
