"""Bookmarks over HTTP: what may be sent, and what is answered."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.command.features.bookmarks.routes import KeptTarget, NoteBody, ToggledTarget
from shared.identifiers import UserId, bookmark_id_of, derived_id
from tests.conversations.talking import a_group, but_for_the_request, people, pointers_of, read, say, told
from tests.files.uploading import uploaded
from tests.fixtures.command_service import CommandService, Person

ONE, PIER = derived_id("message", "one"), derived_id("conversation", "pier")


# What may be sent


def test_a_note_at_its_limit_is_read_as_it_came() -> None:
    body = read(NoteBody, {"note": " " + "🙂" * 999})
    assert isinstance(body, NoteBody)
    assert body.note == " " + "🙂" * 999


def test_a_note_of_white_space_alone_is_none() -> None:
    body = read(NoteBody, {"note": " \n"})
    assert isinstance(body, NoteBody)
    assert body.note is None


@pytest.mark.parametrize("body", [{}, {"note": "x" * 1_001}, {"note": 1}])
def test_a_note_past_its_limit_is_refused(body: dict[str, Any]) -> None:
    assert pointers_of(NoteBody, body) == ["/note"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": "person"}, "/type"),
        ({"target_id": "1"}, "/target_id"),
        ({"conversation_id": "1"}, "/conversation_id"),
        ({"note": "x" * 1_001}, "/note"),
        ({"user_id": ONE}, "/user_id"),
    ],
)
def test_what_no_bookmark_can_be_is_refused_by_its_place(change: dict[str, Any], pointer: str) -> None:
    wanted = {"type": "message", "target_id": ONE, "conversation_id": PIER}
    assert pointers_of(ToggledTarget, wanted | change) == [pointer]


def test_an_id_is_the_same_in_upper_case() -> None:
    body = read(ToggledTarget, {"type": "message", "target_id": ONE.upper(), "conversation_id": PIER.upper()})
    assert isinstance(body, ToggledTarget)
    assert (body.target.id, body.target.conversation_id) == (ONE, PIER)


def test_keeping_takes_a_conversation_and_a_note() -> None:
    assert pointers_of(KeptTarget, {"conversation_id": "1", "note": "x" * 1_001}) == ["/conversation_id", "/note"]


# What is answered


async def a_message(owner: Person, *others: Person) -> dict[str, str]:
    """A message in a new group, as the target of a toggle."""
    where = await a_group(owner, *others)
    said = await say(owner, where, "The boat leaves at nine")
    assert said.status == 201, said
    return {"type": "message", "target_id": said.body["message_id"], "conversation_id": where.rpartition("/")[2]}


async def toggle(person: Person, target: Mapping[str, str | None], **more: Any) -> Any:
    return await person.ask("POST", "/v1/bookmarks/toggle", {**target, **more.pop("body", {})}, **more)


async def test_a_toggle_is_not_undone_by_its_repeat(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    target = await a_message(ben, anna)
    first = await toggle(anna, target, key="keep")
    again = await toggle(anna, target, key="keep")
    assert first.status == 200
    assert first.body == {
        "command_id": first.body["command_id"],
        "position": first.body["position"],
        "bookmark_id": bookmark_id_of(UserId(anna.user_id), "message", target["target_id"]),
        "bookmarked": True,
    }
    assert (again.status, again.body) == (200, first.body)
    off = await toggle(anna, target)
    assert (off.status, off.body["bookmarked"], off.body["bookmark_id"]) == (200, False, first.body["bookmark_id"])


async def test_a_repeat_is_told_also_when_the_message_is_no_longer_theirs_to_read(
    command_service: CommandService,
) -> None:
    anna, ben = await people(command_service, 2)
    target = await a_message(ben, anna)
    first = await toggle(anna, target, key="keep")
    await ben.ask("DELETE", f"/v1/conversations/{target['conversation_id']}/participants/{anna.user_id}")
    again = await toggle(anna, target, key="keep")
    assert (again.status, again.body) == (200, first.body)
    off = await toggle(anna, target)
    assert (off.status, off.body["bookmarked"]) == (200, False)
    assert told(await toggle(anna, target)) == (404, "not-found")


async def test_what_is_unknown_and_what_is_not_theirs_look_the_same(command_service: CommandService) -> None:
    anna, ben, cat = await people(command_service, 3)
    theirs = await a_message(ben, cat)
    mine = await a_message(anna, cat)
    strange = [
        theirs,
        theirs | {"conversation_id": PIER},
        theirs | {"target_id": ONE},
        theirs | {"conversation_id": mine["conversation_id"]},
        mine | {"target_id": ONE},
    ]
    answers = [await toggle(anna, each) for each in strange]
    for each in strange:
        path = f"/v1/bookmarks/message/{each['target_id']}"
        answers.append(await anna.ask("PUT", path, {"conversation_id": each["conversation_id"]}))
    assert told(answers[0]) == (404, "not-found")
    assert all(but_for_the_request(each) == but_for_the_request(answers[0]) for each in answers)


async def test_a_bookmark_is_wanted_on_annotated_and_wanted_off(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    target = await a_message(ben, anna)
    path, body = f"/v1/bookmarks/message/{target['target_id']}", {"conversation_id": target["conversation_id"]}
    on = await anna.ask("PUT", path, body)
    again = await anna.ask("PUT", path, body)
    assert (on.status, on.body["bookmarked"]) == (200, True)
    assert {**again.body, "command_id": ""} == {**on.body, "command_id": ""}
    noted = await anna.ask("PATCH", f"/v1/bookmarks/{on.body['bookmark_id']}", {"note": "for Sunday"})
    assert (noted.status, noted.body["bookmarked"]) == (200, True)
    assert noted.body["position"] != on.body["position"]
    off = await anna.ask("DELETE", path)
    assert (off.status, off.body["bookmarked"], off.body["bookmark_id"]) == (200, False, on.body["bookmark_id"])
    nothing = await anna.ask("DELETE", path)
    assert (nothing.status, nothing.body["position"]) == (200, off.body["position"])


async def shows(person: Person, where: str, file_id: str) -> str:
    """The path of a message that has this file."""
    attachments = [{"kind": "file", "file_id": file_id}]
    shown = await say(person, where, "", content_type="file", attachments=attachments)
    assert shown.status == 201, shown
    return f"{where}/messages/{shown.body['message_id']}"


async def test_a_file_is_kept_by_its_owner_and_by_whoever_may_read_a_message_that_has_it(
    command_service: CommandService,
) -> None:
    anna, ben, cat = await people(command_service, 3)
    where, file = await a_group(anna, ben), {"type": "file", "target_id": await uploaded(anna)}
    owners = await toggle(anna, file)
    assert (owners.status, owners.body["bookmarked"]) == (200, True)
    assert owners.body["bookmark_id"] == bookmark_id_of(UserId(anna.user_id), "file", file["target_id"])
    assert told(await toggle(ben, file)) == (404, "not-found")
    first = await shows(anna, where, file["target_id"])
    second = await shows(anna, where, file["target_id"])
    await anna.ask("POST", f"{first}/unsend")
    path = f"/v1/bookmarks/file/{file['target_id']}"
    kept = await ben.ask("PUT", path, {"note": "for Sunday"})
    assert (kept.status, kept.body["bookmarked"]) == (200, True)
    await anna.ask("POST", f"{second}/unsend")
    off = await toggle(ben, file)
    assert (off.status, off.body["bookmarked"]) == (200, False)
    strange = [
        await toggle(ben, file),
        await ben.ask("PUT", path, {}),
        await toggle(cat, file),
        await toggle(cat, file | {"target_id": ONE}),
        await cat.ask("PUT", f"/v1/bookmarks/file/{ONE}", {"note": "mine"}),
    ]
    assert told(strange[0]) == (404, "not-found")
    assert all(but_for_the_request(each) == but_for_the_request(strange[0]) for each in strange)


async def test_a_message_is_kept_with_its_conversation_and_a_file_with_none(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    message, file = await a_message(anna, ben), {"type": "file", "target_id": await uploaded(anna)}
    where = {"conversation_id": message.pop("conversation_id")}
    answers = [
        await toggle(anna, message),
        await toggle(anna, message | {"conversation_id": None}),
        await anna.ask("PUT", f"/v1/bookmarks/message/{message['target_id']}", {}),
        await toggle(anna, file | where),
        await anna.ask("PUT", f"/v1/bookmarks/file/{file['target_id']}", where),
    ]
    wrong = (422, "conversation-does-not-fit", "/conversation_id")
    assert [(*told(each), each.body["errors"][0]["pointer"]) for each in answers] == [wrong] * 5
    assert (await toggle(anna, file | {"conversation_id": None})).status == 200


async def test_nobody_annotates_anothers_bookmark(command_service: CommandService) -> None:
    anna, ben = await people(command_service, 2)
    kept = await toggle(anna, await a_message(anna, ben))
    path = f"/v1/bookmarks/{kept.body['bookmark_id']}"
    assert told(await ben.ask("PATCH", path, {"note": "mine"})) == (404, "bookmark-not-found")
    assert told(await ben.ask("PATCH", "/v1/bookmarks/1", {"note": "mine"})) == (404, "not-found")
