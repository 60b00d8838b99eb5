"""Registering, logging in and out, and the profile, over HTTP against a whole command service."""

import asyncio
import time
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.fixtures.command_service import PASSWORD, Answer, CommandService, Person
from tests.people.stored import executed

REGISTER = "/v1/auth/register"


def wanted(**other: Any) -> dict[str, Any]:
    name = f"ada_{uuid4().hex[:8]}"
    return {
        "email": f"{name}@example.com",
        "username": name,
        "password": PASSWORD,
        "display_name": "Ada Lovelace",
        **other,
    }


async def settled(service: CommandService, asked: dict[str, Any], key: str) -> Answer:
    """Registers as a client does: again with the same key, while it is not known or cannot be done now."""
    while True:
        answer = await service.ask("POST", REGISTER, asked, key=key)
        if not (answer.status in {503, 504} and answer.body["retryable"]):
            return answer


async def log_in(service: CommandService, email: str, password: str = PASSWORD) -> Answer:
    return await service.ask("POST", "/v1/auth/login", {"email": email, "password": password})


async def refresh(service: CommandService, token: str) -> Answer:
    return await service.ask("POST", "/v1/auth/refresh", {"refresh_token": token})


async def recorded(person: Person) -> int:
    """How far the person's stream has come: the position that a command that changes nothing is answered."""
    answer = await person.ask("PATCH", "/v1/me", {})
    return int(answer.body["position"].rpartition("-")[2])


async def test_somebody_registers_and_is_somebody(command_service: CommandService) -> None:
    asked = wanted()
    answer = await command_service.ask("POST", REGISTER, asked)
    assert answer.status == 201
    assert set(answer.body) == {
        "command_id",
        "position",
        "user_id",
        "access_token",
        "refresh_token",
        "expires_in",
    }
    assert answer.body["expires_in"] == 900
    account = await command_service.ask("GET", "/v1/me/account", token=answer.body["access_token"])
    assert account.status == 200
    assert account.body["email"] == asked["email"]
    assert (account.body["username"], account.body["is_active"]) == (asked["username"], True)
    assert account.body["created_at"].endswith("Z")
    assert "password_hash" not in account.body


async def test_the_same_registration_again_is_answered_again(command_service: CommandService) -> None:
    asked, key = wanted(), str(uuid4())
    answers = [await command_service.ask("POST", REGISTER, asked, key=key) for _ in range(3)]
    assert [each.status for each in answers] == [201, 200, 200]
    assert len({each.body["user_id"] for each in answers}) == 1
    assert len({each.body["position"] for each in answers}) == 1
    assert len({each.body["refresh_token"] for each in answers}) == 3


async def test_the_same_registration_many_times_at_once_is_one(command_service: CommandService) -> None:
    asked, key = wanted(), str(uuid4())
    answers = await asyncio.gather(*(settled(command_service, asked, key) for _ in range(12)))
    assert {each.status for each in answers} <= {200, 201}
    assert len({(each.body["user_id"], each.body["position"]) for each in answers}) == 1


@pytest.mark.parametrize("field", ["email", "username", "password", "display_name"])
async def test_a_key_used_for_another_registration_is_refused(command_service: CommandService, field: str) -> None:
    asked, key = wanted(), str(uuid4())
    await command_service.ask("POST", REGISTER, asked, key=key)
    other = {"email": "other@example.com", "username": "other", "password": "Other1horse", "display_name": "Other"}
    answer = await command_service.ask("POST", REGISTER, {**asked, field: other[field]}, key=key)
    assert (answer.status, answer.body["code"]) == (422, "key-used-for-other-content")


async def test_a_taken_username_or_email_is_named_whatever_its_case(command_service: CommandService) -> None:
    asked = wanted()
    await command_service.ask("POST", REGISTER, asked)
    for field, code in (("username", "username-taken"), ("email", "email-taken")):
        answer = await command_service.ask("POST", REGISTER, wanted(**{field: asked[field].upper()}))
        assert (answer.status, answer.body["code"]) == (409, code)


async def test_of_two_who_want_one_username_at_once_one_gets_it(command_service: CommandService) -> None:
    name = f"ada_{uuid4().hex[:8]}"
    answers = await asyncio.gather(
        *(command_service.ask("POST", REGISTER, wanted(username=name, email=f"{n}@example.com")) for n in range(5))
    )
    assert sorted(each.status for each in answers) == [201, 409, 409, 409, 409]


async def test_somebody_logs_in_with_an_email_of_any_case(command_service: CommandService) -> None:
    ada = await command_service.register()
    answer = await log_in(command_service, ada.email.upper())
    assert answer.status == 200
    assert answer.body["user_id"] == ada.user_id
    assert set(answer.body) == {"user_id", "access_token", "refresh_token", "expires_in"}


async def test_a_wrong_password_and_an_unknown_email_look_the_same(command_service: CommandService) -> None:
    ada = await command_service.register()
    problems = []
    for email in (ada.email, "nobody@example.com"):
        answer = await log_in(command_service, email, "Wrong1horse")
        problems.append((answer.status, {**answer.body, "request_id": ""}))
    assert problems[0] == problems[1]
    assert (problems[0][0], problems[0][1]["code"]) == (401, "wrong-credentials")


async def test_a_wrong_password_and_an_unknown_email_take_the_same_time(command_service: CommandService) -> None:
    ada = await command_service.register()
    took: dict[str, list[float]] = {ada.email: [], "nobody@example.com": []}
    for _ in range(10):
        for email, seconds in took.items():
            began = time.perf_counter()
            await log_in(command_service, email, "Wrong1horse")
            seconds.append(time.perf_counter() - began)
    known, unknown = (median(each) for each in took.values())
    assert known / 2 < unknown < known * 2


async def test_a_refresh_token_is_good_once(command_service: CommandService) -> None:
    ada = await command_service.register()
    second = await refresh(command_service, ada.refresh_token)
    third = await refresh(command_service, second.body["refresh_token"])
    assert [second.status, third.status] == [200, 200]
    assert second.body["user_id"] == third.body["user_id"] == ada.user_id
    account = await command_service.ask("GET", "/v1/me/account", token=third.body["access_token"])
    assert account.status == 200


async def test_an_old_refresh_token_used_again_revokes_its_family_and_no_other(command_service: CommandService) -> None:
    ada = await command_service.register()
    elsewhere = (await log_in(command_service, ada.email)).body["refresh_token"]
    newest = (await refresh(command_service, ada.refresh_token)).body["refresh_token"]
    again = await refresh(command_service, ada.refresh_token)
    assert (again.status, again.body["code"]) == (401, "refresh-token-invalid")
    assert (await refresh(command_service, newest)).status == 401
    assert (await refresh(command_service, elsewhere)).status == 200


async def test_of_many_refreshes_with_one_token_at_once_one_succeeds(command_service: CommandService) -> None:
    ada = await command_service.register()
    answers = await asyncio.gather(*(refresh(command_service, ada.refresh_token) for _ in range(10)))
    assert sorted(each.status for each in answers) == [200] + [401] * 9
    newest = next(each for each in answers if each.status == 200).body["refresh_token"]
    assert (await refresh(command_service, newest)).status == 401


@pytest.mark.parametrize(("seconds_left", "status"), [(60, 200), (0, 401)])
async def test_a_refresh_token_is_good_until_it_expires(
    command_service: CommandService, seconds_left: int, status: int
) -> None:
    ada = await command_service.register()
    later = (
        "UPDATE accounts.refresh_families SET expires_at = expires_at - make_interval(secs => $2) WHERE user_id = $1"
    )
    passed = command_service.settings.refresh_token_seconds - seconds_left
    await executed(command_service.settings, later, ada.user_id, passed)
    assert (await refresh(command_service, ada.refresh_token)).status == status


@pytest.mark.parametrize("token", ["a", "ä", "A" * 64, "A" * 200, "%", "=" * 64])
async def test_what_is_no_refresh_token_is_worth_nothing(command_service: CommandService, token: str) -> None:
    assert (await refresh(command_service, token)).status == 401


async def test_somebody_who_logged_out_cannot_refresh(command_service: CommandService) -> None:
    ada = await command_service.register()
    for _ in range(2):
        left = await command_service.ask("POST", "/v1/auth/logout", {"refresh_token": ada.refresh_token})
        assert left.status == 200
    assert (await refresh(command_service, ada.refresh_token)).status == 401


async def test_no_password_or_token_is_kept(command_service: CommandService) -> None:
    ada = await command_service.register()
    connection = await asyncpg.connect(command_service.settings.database_url)
    kept = [
        *await connection.fetch("SELECT a::text FROM accounts.accounts a"),
        *await connection.fetch("SELECT f::text || encode(token_hash, 'escape') FROM accounts.refresh_families f"),
    ]
    await connection.close()
    everything = " ".join(str(row[0]) for row in kept)
    assert ada.username in everything
    assert PASSWORD not in everything
    assert ada.refresh_token not in everything


async def test_a_profile_is_changed_and_repeated(command_service: CommandService) -> None:
    ada = await command_service.register()
    change = {"display_name": "Countess", "avatar_url": "https://pictures.example/ada.png"}
    first = await ada.ask("PATCH", "/v1/me", change, key="a")
    again = await ada.ask("PATCH", "/v1/me", change, key="a")
    assert (first.status, first.body) == (again.status, again.body)
    assert first.status == 200
    assert set(first.body) == {"command_id", "position", "user_id"}
    other = await ada.ask("PATCH", "/v1/me", {"display_name": "Ada"}, key="a")
    assert (other.status, other.body["code"]) == (422, "key-used-for-other-content")


async def test_an_unchanged_profile_appends_nothing(command_service: CommandService) -> None:
    ada = await command_service.register(display_name="Ada")
    before = await recorded(ada)
    for change in ({}, {"display_name": "Ada"}, {"avatar_url": None}, {"display_name": "Ada", "avatar_url": None}):
        answer = await ada.ask("PATCH", "/v1/me", change)
        assert answer.status == 200
    assert await recorded(ada) == before
    await ada.ask("PATCH", "/v1/me", {"display_name": "Countess"})
    assert await recorded(ada) > before


async def test_what_became_of_a_command_is_told_to_its_owner_alone(command_service: CommandService) -> None:
    ada, eve = await command_service.register(), await command_service.register()
    done = (await ada.ask("PATCH", "/v1/me", {"display_name": "Countess"})).body
    path = f"/v1/commands/{ada.user_id}/{done['command_id']}"
    told, kept_from_eve = await ada.ask("GET", path), await eve.ask("GET", path)
    assert (told.status, told.body) == (200, done)
    assert (kept_from_eve.status, kept_from_eve.body["code"]) == (404, "not-recorded")
    unknown = await ada.ask("GET", f"/v1/commands/{ada.user_id}/{uuid4()}")
    assert (unknown.status, unknown.body["code"]) == (404, "not-recorded")


async def test_without_a_token_nothing_is_mine(command_service: CommandService) -> None:
    for method, path in (("GET", "/v1/me/account"), ("PATCH", "/v1/me"), ("GET", f"/v1/commands/{uuid4()}/{uuid4()}")):
        answer = await command_service.ask(method, path)
        assert (answer.status, answer.body["code"]) == (401, "not-authenticated")


async def test_the_id_of_a_person_names_no_conversation(command_service: CommandService) -> None:
    ada = await command_service.register()
    await ada.ask("PATCH", "/v1/me", {"display_name": "Ada"})
    for _ in range(2):
        message = {"client_message_id": str(uuid4()), "content_type": "text", "content": "hello"}
        answer = await ada.ask("POST", f"/v1/conversations/{ada.user_id}/messages", message)
        assert (answer.status, answer.body["code"]) == (404, "not-found")
