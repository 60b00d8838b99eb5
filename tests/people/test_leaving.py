"""Leaving for good, over HTTP against a whole command service."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from services.command.accounts import Accounts
from services.command.accounts.refusals import AccountUnknown
from shared.identifiers import UserId
from shared.postgres import close_pool, open_pool
from shared.web.problems import Unavailable
from tests.conversations.talking import a_group, say, told
from tests.fixtures.command_service import (
    PASSWORD,
    Answer,
    CommandService,
    Person,
    running_command_service,
)
from tests.fixtures.names import eventually
from tests.fixtures.query_service import QueryService
from tests.people.stored import deactivation_of, executed


async def leave(person: Person, **more: Any) -> Answer:
    return await person.ask("DELETE", "/v1/me", **more)


async def half_left(service: CommandService, person: Person, seconds_ago: int) -> None:
    """What a crash leaves behind that came between closing the account and recording that."""
    await executed(
        service.settings,
        """
        UPDATE accounts.accounts
        SET is_active = false, deactivation = 'begun', deactivated_at = now() - make_interval(secs => $2)
        WHERE user_id = $1
        """,
        person.user_id,
        float(seconds_ago),
    )


async def known(person: Person) -> Answer:
    """What they are answered when the service has found out who has left: until then, that it cannot tell."""

    async def told_something() -> Answer | None:
        answer = await person.ask("GET", "/v1/me/account")
        return None if answer.status == 503 else answer

    answer: Answer = await eventually(told_something)
    return answer


async def test_whoever_leaves_is_refused_at_once(command_service: CommandService) -> None:
    ada, bob = await command_service.register(), await command_service.register()
    group = await a_group(ada, bob)

    left = await leave(ada)

    assert left.status == 200
    assert left.body.keys() == {"command_id", "position", "user_id"}
    assert left.body["user_id"] == ada.user_id
    for answer in (
        await say(ada, group, "One more thing"),
        await ada.ask("PATCH", "/v1/me", {"display_name": "Ada"}),
        await ada.ask("GET", "/v1/me/account"),
        await ada.ask("PUT", "/v1/me/dnd", {"enabled": True}),
    ):
        assert told(answer) == (403, "user-deactivated")
        assert answer.body["retryable"] is False
    assert (await say(bob, group, "She is gone")).status == 201


async def test_whoever_has_left_cannot_log_in_or_refresh(command_service: CommandService) -> None:
    ada = await command_service.register()
    wrong = await command_service.ask("POST", "/v1/auth/login", {"email": ada.email, "password": "Wrong1horse"})
    await leave(ada)

    answer = await command_service.ask("POST", "/v1/auth/login", {"email": ada.email, "password": PASSWORD})
    refreshed = await command_service.ask("POST", "/v1/auth/refresh", {"refresh_token": ada.refresh_token})

    assert {**answer.body, "request_id": ""} == {**wrong.body, "request_id": ""}
    assert told(answer) == (401, "wrong-credentials")
    assert told(refreshed) == (401, "refresh-token-invalid")


async def test_an_account_that_is_closed_and_not_yet_recorded_lets_nobody_in(command_service: CommandService) -> None:
    ada = await command_service.register()
    agent = {"username": f"agent_{uuid4().hex[:12]}", "display_name": "Robot"}
    key = (await ada.ask("POST", "/v1/agents", agent)).body["key"]
    await half_left(command_service, ada, seconds_ago=0)

    answer = await command_service.ask("POST", "/v1/auth/login", {"email": ada.email, "password": PASSWORD})
    refreshed = await command_service.ask("POST", "/v1/auth/refresh", {"refresh_token": ada.refresh_token})
    of_agent = await command_service.ask("POST", "/v1/auth/agent", {"key": key})

    assert told(answer) == (401, "wrong-credentials")
    assert told(refreshed) == (401, "refresh-token-invalid")
    assert told(of_agent) == (401, "agent-key-invalid")


async def test_leaving_again_gets_the_first_answer_whatever_the_key(command_service: CommandService) -> None:
    ada = await command_service.register()
    first = await leave(ada, key="a")

    for again in (await leave(ada, key="a"), await leave(ada, key="b"), await leave(ada)):
        assert (again.status, again.body) == (200, first.body)
    became = await ada.ask("GET", f"/v1/commands/{ada.user_id}/{first.body['command_id']}")
    assert (became.status, became.body) == (200, first.body)


async def test_many_who_leave_at_once_as_one_are_one(command_service: CommandService) -> None:
    ada = await command_service.register()
    answers = await asyncio.gather(*(leave(ada) for _ in range(8)))
    assert {each.status for each in answers} == {200}
    assert len({each.body["position"] for each in answers}) == 1


async def test_nothing_that_one_could_log_in_with_is_kept(command_service: CommandService) -> None:
    ada = await command_service.register()
    await leave(ada)
    of_hers = "SELECT email IS NULL AND password_hash IS NULL FROM accounts.accounts WHERE user_id = $1"
    assert await executed(command_service.settings, of_hers, ada.user_id) is True
    families = "SELECT count(*) FROM accounts.refresh_families WHERE user_id = $1"
    assert await executed(command_service.settings, families, ada.user_id) == 0
    again = {"email": ada.email, "username": f"new_{uuid4().hex[:8]}", "password": PASSWORD, "display_name": "Ada"}
    assert (await command_service.ask("POST", "/v1/auth/register", again)).status == 201
    taken = await command_service.ask(
        "POST", "/v1/auth/register", {**again, "email": "other@example.com", "username": ada.username}
    )
    assert told(taken) == (409, "username-taken")


async def test_whoever_has_left_is_put_into_no_conversation(command_service: CommandService) -> None:
    ada, bob, eve = [await command_service.register() for _ in range(3)]
    group = await a_group(ada, bob)
    await leave(eve)

    started = {"kind": "group", "title": "Engines", "participant_ids": [bob.user_id, eve.user_id]}
    answers = [
        await ada.ask("POST", "/v1/conversations", started),
        await ada.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [eve.user_id]}),
        await ada.ask("POST", f"{group}/participants", {"user_id": eve.user_id}),
    ]

    for answer in answers:
        assert told(answer) == (422, "people-are-unknown")
        assert eve.user_id in answer.body["detail"]
        assert bob.user_id not in answer.body["detail"]


async def test_a_conversation_of_two_stays_when_one_of_them_leaves(command_service: CommandService) -> None:
    ada, bob = await command_service.register(), await command_service.register()
    pair = {"kind": "direct", "participant_ids": [bob.user_id]}
    first = await ada.ask("POST", "/v1/conversations", pair)
    await leave(bob)
    again = await ada.ask("POST", "/v1/conversations", pair)
    assert (again.status, again.body["conversation_id"]) == (200, first.body["conversation_id"])


async def test_who_left_half_is_finished(own_command_service: CommandService) -> None:
    ada, eve = await own_command_service.register(), await own_command_service.register()
    await half_left(own_command_service, ada, seconds_ago=31)
    await half_left(own_command_service, eve, seconds_ago=0)

    async def finished() -> bool:
        return await deactivation_of(own_command_service, ada) == "recorded"

    await eventually(finished)
    assert await deactivation_of(own_command_service, eve) == "begun"
    assert (await leave(ada)).body["position"]
    families = "SELECT count(*) FROM accounts.refresh_families WHERE user_id = $1"
    assert await executed(own_command_service.settings, families, ada.user_id) == 0


@pytest.mark.parametrize("at_once", [1, 100])
async def test_one_whose_leaving_cannot_be_finished_delays_nobody_elses(
    own_command_service: CommandService, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("services.command.accounts.deactivations.UNFINISHED_AT_ONCE", at_once)
    ada = await own_command_service.register()
    unknown = replace(ada, user_id=str(uuid4()))  # to the log, which therefore refuses their end
    await executed(
        own_command_service.settings,
        """
        INSERT INTO accounts.accounts (user_id, username, email, password_hash, display_name, registration)
        VALUES ($1, 'unknown', 'unknown@example.com', '', 'Unknown', 'recorded')
        """,
        unknown.user_id,
    )
    await half_left(own_command_service, unknown, seconds_ago=60)
    await half_left(own_command_service, ada, seconds_ago=31)

    async def finished() -> bool:
        return await deactivation_of(own_command_service, ada) in ("recorded", "settled")

    await eventually(finished)
    assert await deactivation_of(own_command_service, unknown) in ("begun", "taken_up")


async def test_another_process_learns_who_has_left(own_command_service: CommandService) -> None:
    ada = await own_command_service.register()
    await half_left(own_command_service, ada, seconds_ago=0)

    async def learned() -> bool:
        return told(await ada.ask("GET", "/v1/me/account")) == (403, "user-deactivated")

    await eventually(learned)


async def test_a_service_that_starts_knows_who_has_left(own_command_service: CommandService) -> None:
    ada = await own_command_service.register()
    await leave(ada)
    async with running_command_service(own_command_service.settings) as another:
        answer = await known(replace(ada, service=another))
    assert told(answer) == (403, "user-deactivated")


async def test_leaving_that_cannot_be_recorded_changes_nothing(own_command_service: CommandService) -> None:
    ada = await own_command_service.register()
    without_kafka = replace(own_command_service.settings, kafka_bootstrap_servers="127.0.0.1:1", instance_name="other")
    async with running_command_service(without_kafka) as another:
        at_the_other = replace(ada, service=another)
        await known(at_the_other)
        answer = await leave(at_the_other)
        account = await at_the_other.ask("GET", "/v1/me/account")

    assert told(answer) == (503, "unavailable")
    assert (account.status, account.body["is_active"]) == (200, True)
    assert (await leave(ada)).status == 200


async def test_what_another_counts_on_is_not_taken_back(own_command_service: CommandService) -> None:
    ada = await own_command_service.register()
    settings = own_command_service.settings
    pool = await open_pool(settings)
    accounts, user_id = Accounts(settings, pool), UserId(ada.user_id)
    try:
        begun = [await accounts.deactivations.begin(user_id) for _ in range(3)]
        taken_back = await accounts.deactivations.take_back(user_id)
        with pytest.raises(AccountUnknown):
            await accounts.deactivations.begin(UserId(str(uuid4())))
    finally:
        accounts.close()
        await close_pool(pool)
    assert begun == [True, False, False]
    assert not taken_back


async def test_a_claim_gives_nobody_an_account_that_was_left(own_command_service: CommandService) -> None:
    ada = await own_command_service.register()
    await leave(ada)
    settings = own_command_service.settings
    pool = await open_pool(settings)
    accounts = Accounts(settings, pool)
    try:
        with pytest.raises(AccountUnknown):
            await accounts.claim(UserId(ada.user_id), "eve@example.com", PASSWORD)
    finally:
        accounts.close()
        await close_pool(pool)


async def test_others_see_that_somebody_has_left_and_what_they_said(
    command_service: CommandService, query_service: QueryService
) -> None:
    ada, bob = await command_service.register(), await command_service.register()
    group = await a_group(ada, bob)
    said = await say(ada, group, "Remember me")
    await ada.ask("PATCH", "/v1/me", {"avatar_url": "https://pictures.example/ada.png"})
    await ada.ask("PUT", "/v1/me/status", {"text": "Here", "expires": {"in_seconds": 3_600}})

    left = await leave(ada)

    least = f"{said.body['position']},{left.body['position']}"
    seen = await query_service.get(f"/v1/users/{ada.user_id}", by=bob.user_id, min_position=least)
    assert (seen.body["display_name"], seen.body["avatar_url"], seen.body["kind"]) == (
        "Deactivated user",
        None,
        "deactivated",
    )
    assert (await query_service.get(f"/v1/users/{ada.user_id}/status", by=bob.user_id)).body is None
    (message,) = [
        each
        for each in (await query_service.get(f"{group}/messages", by=bob.user_id, min_position=least)).body["items"]
        if each["message_id"] == said.body["message_id"]
    ]
    assert (message["content"], message["sender_id"]) == ("Remember me", ada.user_id)


async def test_sending_asks_the_accounts_nothing(
    command_service: CommandService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await command_service.register(), await command_service.register()
    robot = await ada.make_agent()
    group = await a_group(ada, bob, robot)

    def asked(*_: Any, **__: Any) -> None:
        raise Unavailable("the accounts were asked")

    for module in ("accounts", "agents", "deactivations"):
        monkeypatch.setattr(f"services.command.accounts.{module}.connected", asked)
    answers = [await say(each, group, "Hello") for each in (ada, robot)]
    refused = await ada.ask("GET", "/v1/me/account")

    assert [each.status for each in answers] == [201, 201]
    assert (refused.status, refused.body["detail"]) == (503, "the accounts were asked")
