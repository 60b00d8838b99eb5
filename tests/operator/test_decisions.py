"""`verbatim decisions rebuild`: the store is made anew from the log alone, and never beside a writer."""

import json
from dataclasses import replace
from typing import Any

import asyncpg

from shared.identifiers import StreamKind
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.fixtures.command_service import CommandService, Person, running_command_service, until_ready
from tests.fixtures.names import eventually
from tests.operator.command_line import typed_beside

MESSAGE = {"client_message_id": "8d0f5a58-5a4e-4d0a-9c55-0a4b6a3f8f01", "content_type": "text", "content": "Tea?"}


async def talk(service: CommandService) -> tuple[Person, str, Any]:
    """Two people, a group, a message and a status; gives who spoke, where, and what the message was answered."""
    ada, bob = await service.register(), await service.register()
    group = {"kind": "group", "title": "Tea", "participant_ids": [bob.user_id]}
    room = (await ada.ask("POST", "/v1/conversations", group)).body["conversation_id"]
    path = f"/v1/conversations/{room}/messages"
    sent = await ada.ask("POST", path, MESSAGE)
    await bob.ask("PUT", "/v1/me/status", {"emoji": "🍵", "text": "Tea", "expires": {"in_seconds": 3600}})
    assert sent.status == 201, sent
    return ada, path, sent.body


async def kept(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """What the store holds of the log; not where it has come to, which every takeover moves."""
    tables = {
        "streams": "SELECT stream_id, topic, partition, version, parts FROM decisions.streams ORDER BY 1",
        "rows": "SELECT stream_id, kind, key, version, value FROM decisions.rows ORDER BY 1, 2, 3",
    }
    connection = await asyncpg.connect(settings.database_url)
    found = {name: [tuple(row) for row in await connection.fetch(sql)] for name, sql in tables.items()}
    await connection.close()
    return found


async def damage(settings: Settings) -> None:
    """Loses rows, and makes others say what is not so."""
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(
        """
        DELETE FROM decisions.rows WHERE kind <> 'command';
        UPDATE decisions.rows SET value = 'x';
        UPDATE decisions.streams SET version = version + 7, parts = 'x';
        INSERT INTO decisions.rows SELECT stream_id, 'phantom', '', 1, 'x' FROM decisions.streams;
        """
    )
    await connection.close()


async def test_a_damaged_store_is_made_anew_as_it_was_and_a_repeat_has_its_first_answer(
    service_settings: Settings,
) -> None:
    await ensure_topics(service_settings)
    async with running_command_service(service_settings) as service:
        await until_ready(service)
        ada, path, answered = await talk(service)
    before = await kept(service_settings)
    await damage(service_settings)

    rebuilt = await typed_beside(service_settings, "decisions", "rebuild")

    assert rebuilt.exit_code == 0, rebuilt.output
    assert rebuilt.stdout.count(": made anew from ") == 4
    assert await kept(service_settings) == before

    as_json = await typed_beside(service_settings, "decisions", "rebuild", "--topic", "users", "--json")

    made_anew = json.loads(as_json.stdout)["partitions"]
    users = service_settings.topic(StreamKind.USERS)
    assert [(each["topic"], each["partition"]) for each in made_anew] == [(users, 0), (users, 1)]
    assert all(each["records"] > 0 for each in made_anew)
    assert await kept(service_settings) == before
    async with running_command_service(service_settings) as service:
        await until_ready(service)
        repeated = await replace(ada, service=service).ask("POST", path, MESSAGE)
    assert repeated.body == answered


async def test_beside_a_writer_nothing_is_done_unless_it_is_taken_over_and_then_it_goes_on(
    command_service: CommandService,
) -> None:
    settings = command_service.settings
    ada, path, answered = await talk(command_service)
    held = await leases(settings)

    refused = await typed_beside(settings, "decisions", "rebuild", "--topic", "conversations")
    held_after = await leases(settings)
    stranger = replace(settings, instance_name="command-9")
    refused_too = await typed_beside(stranger, "decisions", "rebuild", "--take-over")
    taken_over = await typed_beside(settings, "decisions", "rebuild", "--take-over")

    for each in (refused, refused_too):
        assert each.exit_code == 1
        assert f"the partitions are being written by {settings.instance_name}: stop the command" in each.stderr
    assert held_after == held
    assert taken_over.exit_code == 0, taken_over.output

    async def said_again() -> bool:
        repeated = await ada.ask("POST", path, MESSAGE)
        assert repeated.status in {200, 201, 503, 504}, repeated
        return bool(repeated.status < 300 and repeated.body == answered)

    await eventually(said_again)

    async def says_more() -> bool:
        more = {**MESSAGE, "client_message_id": "9d0f5a58-5a4e-4d0a-9c55-0a4b6a3f8f02"}
        return (await ada.ask("POST", path, more)).status == 201

    await eventually(says_more)


async def leases(settings: Settings) -> list[tuple[Any, ...]]:
    """Who holds which partition."""
    connection = await asyncpg.connect(settings.database_url)
    found = await connection.fetch("SELECT topic, partition, instance, incarnation FROM decisions.leases ORDER BY 1, 2")
    await connection.close()
    return [tuple(row) for row in found]
