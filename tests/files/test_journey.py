"""From a file that somebody uploads to who may download it: as long as a message that they may read has it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.conversations.talking import a_group, people, started
from tests.files.uploading import PDF, PNG, download, uploaded
from tests.fixtures.command_service import CommandService, Person


async def send(person: Person, where: str, *file_ids: str) -> str:
    """The id of a message with these pictures."""
    attachments = [{"kind": "image", "file_id": each} for each in file_ids]
    body = {"client_message_id": str(uuid4()), "content_type": "media", "attachments": attachments}
    answer = await person.ask("POST", f"{where}/messages", body)
    assert answer.status == 201, answer
    message_id: str = answer.body["message_id"]
    return message_id


async def may_download(person: Person, file_id: str) -> bool:
    answer = await download(person, file_id)
    assert answer.status in {200, 404}, answer
    assert (await download(person, file_id, method="HEAD")).status == answer.status
    return answer.status == 200


async def test_whoever_may_read_the_message_downloads_it_at_once_and_nobody_else(
    command_service: CommandService,
) -> None:
    anna, ben, eve = await people(command_service, 3)
    where = await a_group(anna, ben)
    file_id = await uploaded(anna, PNG, "boat.png")
    assert not await may_download(ben, file_id)
    await send(anna, where, file_id)

    found = await download(ben, file_id)

    assert (found.status, found.content) == (200, PNG)
    assert found.headers["Content-Disposition"] == 'inline; filename="boat.png"'
    assert not await may_download(eve, file_id)


async def test_when_the_message_is_unsent_only_its_uploader_has_it(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    where = await a_group(anna, ben)
    file_id = await uploaded(anna)
    message_id = await send(anna, where, file_id)
    assert await may_download(ben, file_id)

    assert (await anna.ask("POST", f"{where}/messages/{message_id}/unsend")).status == 200

    assert not await may_download(ben, file_id)
    assert await may_download(anna, file_id)


async def test_as_long_as_one_message_that_has_it_is_left_it_may_be_downloaded(command_service: CommandService) -> None:
    anna, ben, cat = await people(command_service, 3)
    pier, quay = await a_group(anna, ben, cat), await a_group(anna, ben)
    file_id, other = await uploaded(anna), await uploaded(anna)
    first, second = await send(anna, pier, file_id, other), await send(anna, pier, file_id)
    await send(anna, quay, file_id)
    seen = []
    for message_id in (first, second):
        await anna.ask("POST", f"{pier}/messages/{message_id}/unsend")
        seen.append([await may_download(person, each) for person in (ben, cat) for each in (file_id, other)])

    assert seen == [[True, False, True, False], [True, False, False, False]]


@pytest.mark.parametrize("how", ["leaves", "is removed", "clears", "sees it deleted"])
async def test_whoever_can_no_longer_read_the_message_downloads_nothing_more(
    command_service: CommandService, how: str
) -> None:
    anna, ben = await people(command_service, 2)
    where = await a_group(anna, ben)
    file_id = await uploaded(anna)
    await send(anna, where, file_id)
    assert await may_download(ben, file_id)
    person, method, path = {
        "leaves": (ben, "DELETE", f"{where}/participants/{ben.user_id}"),
        "is removed": (anna, "DELETE", f"{where}/participants/{ben.user_id}"),
        "clears": (ben, "POST", f"{where}/clear"),
        "sees it deleted": (anna, "DELETE", where),
    }[how]

    assert (await person.ask(method, path)).status == 200

    assert not await may_download(ben, file_id)


async def test_whoever_comes_later_has_what_was_sent_before(command_service: CommandService) -> None:
    anna, ben, cat = await people(command_service, 3)
    where = await a_group(anna, ben)
    file_id = await uploaded(anna)
    await send(anna, where, file_id)
    assert not await may_download(cat, file_id)

    assert (await anna.ask("POST", f"{where}/participants", {"user_id": cat.user_id})).status == 201

    assert await may_download(cat, file_id)


async def test_it_is_found_among_more_messages_than_are_looked_at_together(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    where = await a_group(anna, ben)
    file_id = await uploaded(anna)
    messages = [await send(anna, where, file_id) for _ in range(102)]
    kept = max(messages)  # by its id, which is what they are looked at by: on the second page, and not unsent
    for each in messages:
        if each != kept:
            assert (await anna.ask("POST", f"{where}/messages/{each}/unsend")).status == 200

    assert await may_download(ben, file_id)


async def test_what_was_sent_stays_when_its_uploader_leaves_for_good(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    where = await started(anna, {"kind": "direct", "participant_ids": [ben.user_id]})
    file_id = await uploaded(anna)
    await send(anna, where, file_id)

    assert (await anna.ask("DELETE", "/v1/me")).status == 200

    assert await may_download(ben, file_id)


async def test_a_file_is_in_the_log_with_its_metadata_and_in_no_message_that_is_not_its_uploaders(
    command_service: CommandService,
) -> None:
    anna, eve = await people(command_service, 2)
    where = await a_group(eve, anna)
    file_id = await uploaded(anna, PDF, "tides.pdf")
    attachment: dict[str, Any] = {"kind": "file", "file_id": file_id}
    body = {"client_message_id": str(uuid4()), "content_type": "file", "attachments": [attachment]}

    stolen = await eve.ask("POST", f"{where}/messages", body)

    assert stolen.status == 422, stolen
    assert not await may_download(eve, file_id)
