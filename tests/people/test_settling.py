"""What follows when somebody has left for good: they are in no group any more, and somebody who is there leads it."""

from dataclasses import replace

import pytest

from services.command.accounts import deactivations
from services.command.app import FEATURES
from services.command.features.people.settling import settle
from services.command.presence import Presence
from services.command.writing.finding import Finder
from services.command.writing.serving import Writers
from services.command.writing.surroundings import kafka_and_postgres
from shared.identifiers import UserId
from shared.log.topics import ensure_topics
from shared.postgres import close_pool, open_pool
from shared.web.problems import Unavailable
from tests.conversations.talking import a_group, people, say, started, told
from tests.fixtures.command_service import CommandService, Person
from tests.fixtures.names import eventually
from tests.fixtures.query_service import QueryService
from tests.people.stored import deactivation_of, executed
from tests.presence.topic import delete_topic, said_of


async def leave(person: Person) -> None:
    assert (await person.ask("DELETE", "/v1/me")).status == 200


async def roles_in(query_service: QueryService, conversation: str, by: Person) -> dict[str, str] | None:
    """Who is in it, and as what, as somebody who is in it is told."""
    answer = await query_service.get(f"{conversation}/participants", by=by.user_id)
    return {each["user_id"]: each["role"] for each in answer.body["items"]} if answer.status == 200 else None


async def until_roles(query_service: QueryService, conversation: str, by: Person, wanted: dict[str, str]) -> None:
    """Waits until exactly these are in it."""

    async def are_in() -> bool:
        return await roles_in(query_service, conversation, by) == wanted

    await eventually(are_in)


async def recorded_long_ago(service: CommandService, person: Person) -> None:
    """What a service that was stopped in between, or knew nothing of this, left behind."""
    await executed(
        service.settings,
        """
        UPDATE accounts.accounts
        SET is_active = false, deactivation = 'recorded', deactivated_at = now() - interval '1 year'
        WHERE user_id = $1
        """,
        person.user_id,
    )


async def is_settled(service: CommandService, person: Person) -> bool:
    return bool(await deactivation_of(service, person) == "settled")


async def test_when_the_owner_of_a_group_leaves_for_good_the_oldest_admin_leads_it_and_it_is_told(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben, cy = await people(command_service, 3)
    group = await a_group(ann, ben, cy)
    assert (await ann.ask("PATCH", f"{group}/participants/{cy.user_id}", {"role": "admin"})).status == 200

    await leave(ann)

    await until_roles(query_service, group, ben, {cy.user_id: "owner", ben.user_id: "member"})
    said = (await query_service.get(f"{group}/messages", by=ben.user_id)).body["items"]
    assert {each["sender_id"] for each in said if each["role"] == "system"} == {ann.user_id}
    assert (await cy.ask("PATCH", f"{group}/participants/{ben.user_id}", {"role": "admin"})).status == 200


async def test_whoever_leaves_for_good_is_in_none_of_their_groups_any_more(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben, cy = await people(command_service, 3)
    groups = [await a_group(ann, ben, cy) for _ in range(5)]

    await leave(ben)

    for group in groups:
        await until_roles(query_service, group, ann, {ann.user_id: "owner", cy.user_id: "member"})


async def test_nobody_who_has_left_inherits(command_service: CommandService, query_service: QueryService) -> None:
    ann, ben, cy, dot = await people(command_service, 4)
    group = await a_group(ann, ben, cy, dot)
    assert (await ann.ask("PATCH", f"{group}/participants/{ben.user_id}", {"role": "admin"})).status == 200

    for person in (ben, ann, cy):
        await leave(person)

    await until_roles(query_service, group, dot, {dot.user_id: "owner"})


async def test_when_all_have_left_for_good_the_group_is_deleted(
    own_command_service: CommandService, own_query_service: QueryService
) -> None:
    ann, ben = await people(own_command_service, 2)
    group = await a_group(ann, ben)
    for person in (ann, ben):
        await leave(person)

    async def is_gone() -> bool:
        return await roles_in(own_query_service, group, ben) is None

    await eventually(is_gone)


async def test_a_conversation_of_two_keeps_both(command_service: CommandService, query_service: QueryService) -> None:
    ann, ben, cy = await people(command_service, 3)
    pair = await started(ann, {"kind": "direct", "participant_ids": [ben.user_id]})
    group = await a_group(ann, ben, cy)

    await leave(ben)

    await until_roles(query_service, group, ann, {ann.user_id: "owner", cy.user_id: "member"})
    assert await roles_in(query_service, pair, ann) == {ann.user_id: "member", ben.user_id: "member"}
    assert (await say(ann, pair, "I know that you are gone")).status == 201


async def test_a_conversation_with_an_agent_passes_on(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben = await people(command_service, 2)
    robot = await ben.make_agent()
    talk = await started(ann, {"kind": "agent", "participant_ids": [ben.user_id], "agent_id": robot.user_id})
    assert (await ann.ask("PATCH", f"{talk}/participants/{ben.user_id}", {"role": "admin"})).status == 200

    await leave(ann)

    await until_roles(query_service, talk, ben, {ben.user_id: "owner", robot.user_id: "member"})


async def test_it_is_done_once_for_good_when_nothing_can_come_behind_it(
    own_command_service: CommandService, own_query_service: QueryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, cy = await people(own_command_service, 3)
    group = await a_group(ann, ben, cy)
    await leave(ben)
    await until_roles(own_query_service, group, ann, {ann.user_id: "owner", cy.user_id: "member"})
    assert await deactivation_of(own_command_service, ben) == "recorded"

    monkeypatch.setattr(deactivations, "SETTLING_SECONDS", 0.0)
    await eventually(lambda: is_settled(own_command_service, ben))
    assert (await ben.ask("DELETE", "/v1/me")).status == 200
    assert await deactivation_of(own_command_service, ben) == "settled"
    assert told(await ben.ask("GET", "/v1/me/account")) == (403, "user-deactivated")


async def test_what_one_service_left_undone_the_next_one_does(
    own_command_service: CommandService, own_query_service: QueryService
) -> None:
    ann, ben, cy = await people(own_command_service, 3)
    group = await a_group(ann, ben, cy)
    await recorded_long_ago(own_command_service, ben)

    await until_roles(own_query_service, group, ann, {ann.user_id: "owner", cy.user_id: "member"})
    await eventually(lambda: is_settled(own_command_service, ben))


async def test_while_a_writer_cannot_be_reached_something_is_left_to_do(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    group = await a_group(ann, ben)
    settings = replace(command_service.settings, instance_name="another")
    pool = await open_pool(settings)
    deciders = [decider for feature in FEATURES for decider in feature.deciders]
    not_started = Writers(settings, kafka_and_postgres(settings, pool), deciders)
    finder, presence = Finder(settings, pool), Presence(settings, lambda _: False)
    try:
        with pytest.raises(Unavailable):
            await settle(UserId(ben.user_id), not_started, finder, presence)
    finally:
        await presence.stop()
        await finder.close()
        await close_pool(pool)
    assert (await say(ben, group, "I am still here")).status == 201


async def test_whoever_cannot_be_forgotten_yet_is_in_no_group_all_the_same(
    own_command_service: CommandService, own_query_service: QueryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deactivations, "SETTLING_SECONDS", 0.0)
    settings = own_command_service.settings
    ann, ben, cy = await people(own_command_service, 3)
    group = await a_group(ann, ben, cy)
    await delete_topic(settings)

    await leave(ben)

    await until_roles(own_query_service, group, ann, {ann.user_id: "owner", cy.user_id: "member"})
    assert await deactivation_of(own_command_service, ben) == "recorded"
    await ensure_topics(settings)

    async def is_forgotten() -> bool:
        return (await said_of(settings, ben.user_id))[-1:] == [None]

    await eventually(is_forgotten, 40.0)
    await eventually(lambda: is_settled(own_command_service, ben))
