"""What the command service answers for each line of a post, and what waits for what."""

from typing import Any

from shared.identifiers import derived_id
from tests.fixtures.command_service import CommandService

PERSON = {"kind": "person", "source": "gitter", "source_id": "p1", "name": "Ann"}
ROOM = {"kind": "conversation", "source": "gitter", "source_id": "r1", "title": "Square", "started_by": "p1"} | {
    "occurred_at": "2016-01-04T08:00:00Z"
}
IMAGE = {"kind": "image", "url": "https://files.example.org/a.png"}
TWO_IMAGES = {"content_type": "image", "attachments": [IMAGE, IMAGE]}


def message(source_id: str, **more: Any) -> dict[str, Any]:
    said = {"kind": "message", "source": "gitter", "source_id": source_id, "conversation": "r1", "sender": "p1"}
    return said | {"content": "Hello.", "occurred_at": "2016-01-04T08:00:00Z"} | more


def reaction(to: str, kind: str = "like", by: str = "p1") -> dict[str, Any]:
    reacted = {"kind": "reaction", "source": "gitter", "conversation": "r1", "message": to, "sender": by}
    return reacted | {"reaction": kind, "occurred_at": "2016-01-04T08:00:00Z"}


async def posted(service: CommandService, *lines: dict[str, Any]) -> list[tuple[str, str]]:
    """What each line is answered: the outcome and the code."""
    return [(each["outcome"], each.get("code", "")) for each in await service.imported(*lines)]


async def test_what_reacts_waits_for_its_message_and_is_refused_where_that_was(command_service: CommandService) -> None:
    waiting = [message("m2"), reaction("m2")]

    first = await posted(
        command_service, PERSON, ROOM, message("m1", **TWO_IMAGES), reaction("m1"), *waiting, reaction("m3")
    )

    assert first == [
        ("recorded", ""),
        ("recorded", ""),
        ("refused", "attachments-do-not-fit"),
        ("refused", "no-such-message"),
        ("unavailable", ""),  # the line before it in its conversation was not recorded
        ("unavailable", ""),
        ("refused", "no-such-message"),
    ]
    assert await posted(command_service, *waiting) == [("recorded", "")] * 2
    assert await posted(command_service, *waiting) == [("repeated", "")] * 2


async def test_reactions_may_come_before_their_message_in_a_post(command_service: CommandService) -> None:
    answers = await posted(command_service, PERSON, ROOM, reaction("m1"), message("m1"))

    assert answers == [("recorded", "")] * 4


async def test_of_several_reactions_of_a_person_the_last_stays_however_often_they_are_posted(
    command_service: CommandService,
) -> None:
    await posted(command_service, PERSON, ROOM, message("m1"))

    assert await posted(command_service, reaction("m1", "like"), reaction("m1", "sad")) == [("recorded", "")] * 2
    assert await posted(command_service, reaction("m1", "like"), reaction("m1", "sad")) == [("repeated", "")] * 2


async def test_nobody_unknown_reacts(command_service: CommandService) -> None:
    answers = await posted(command_service, PERSON, ROOM, message("m1"), reaction("m1", by="nobody"))

    assert answers[-1] == ("refused", "actor-is-unknown")


async def test_what_was_said_with_other_files_is_something_else(command_service: CommandService) -> None:
    shared = message("m1", content="", content_type="image", attachments=[IMAGE])
    await posted(command_service, PERSON, ROOM, shared)

    assert await posted(command_service, shared) == [("repeated", "")]
    assert await posted(command_service, shared | {"attachments": [IMAGE | {"width": 7}]}) == [
        ("refused", "key-used-for-other-content")
    ]


async def test_an_imported_file_is_at_an_address(command_service: CommandService) -> None:
    uploaded = {"kind": "image", "file_id": derived_id("spec", "a file")}

    answers = await posted(command_service, PERSON, ROOM, message("m1", content_type="image", attachments=[uploaded]))

    assert answers[-1] == ("refused", "no-such-file-of-yours")
