"""An account and its event live in two places: what stops between them is finished, or taken back."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from services.command.accounts.passwords import HASHER
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.fixtures.command_service import PASSWORD, CommandService, running_command_service, until_ready
from tests.people.stored import executed

SECONDS = 20.0


async def half_made(settings: Settings) -> tuple[str, str]:
    """What a crash after the account's row leaves behind; gives its id and its email."""
    user_id, email = str(uuid4()), f"{uuid4().hex}@example.com"
    await executed(
        settings,
        """
        INSERT INTO accounts.accounts (user_id, username, email, password_hash, display_name, registration)
        VALUES ($1, $2, $3, $4, 'Ada', 'begun') RETURNING user_id
        """,
        user_id,
        f"ada_{user_id[:8]}",
        email,
        HASHER.hash(PASSWORD),
    )
    return user_id, email


async def registration(settings: Settings, user_id: str) -> str:
    found = await executed(settings, "SELECT registration FROM accounts.accounts WHERE user_id = $1", user_id)
    return str(found)


async def log_in(service: CommandService, email: str) -> Any:
    return await service.ask("POST", "/v1/auth/login", {"email": email, "password": PASSWORD})


async def test_a_log_in_finishes_what_a_crash_left(command_service: CommandService) -> None:
    user_id, email = await half_made(command_service.settings)
    answer = await log_in(command_service, email)
    assert answer.status == 200
    assert await registration(command_service.settings, user_id) == "recorded"
    changed = await command_service.ask("PATCH", "/v1/me", {"display_name": "A"}, token=answer.body["access_token"])
    assert changed.status == 200


async def test_a_start_finishes_what_a_crash_left(service_settings: Settings) -> None:
    user_id, _ = await half_made(service_settings)
    await ensure_topics(service_settings)
    async with running_command_service(service_settings) as service, asyncio.timeout(SECONDS):
        await until_ready(service)
        while await registration(service_settings, user_id) != "recorded":  # noqa: ASYNC110  # it is in a database
            await asyncio.sleep(0.05)


async def test_a_registration_that_cannot_be_recorded_leaves_nothing(service_settings: Settings) -> None:
    without_kafka = replace(service_settings, kafka_bootstrap_servers="127.0.0.1:1")
    wanted = {"email": "ada@example.com", "username": "ada", "password": PASSWORD, "display_name": "Ada"}
    async with running_command_service(without_kafka) as service:
        answer = await service.ask("POST", "/v1/auth/register", wanted)
        ready = await service.ask("GET", "/ready")
    assert (answer.status, answer.body["retryable"]) == (503, True)
    assert "Retry-After" in answer.headers
    assert await executed(service_settings, "SELECT count(*) FROM accounts.accounts") == 0
    assert (ready.status, ready.body["kafka"], ready.body["database"]) == (503, "disconnected", "connected")


async def test_nobody_is_known_before_the_log_knows_them(command_service: CommandService) -> None:
    ada = await command_service.register()
    user_id, _ = await half_made(command_service.settings)
    group = {"kind": "group", "title": "Engines", "participant_ids": [user_id]}
    answer = await ada.ask("POST", "/v1/conversations", group)
    assert answer.status == 422


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_a_service_that_serves_everything_is_well(command_service: CommandService, path: str) -> None:
    answer = await command_service.ask("GET", path)
    assert (answer.status, answer.body["status"]) == (200, "ok")
    assert (answer.body["database"], answer.body["kafka"]) == ("connected", "connected")
    assert len(answer.body["partitions"]["serving"]) == 4
