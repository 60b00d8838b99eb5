"""Attachments over HTTP: what may be sent with a message, and what is answered."""

from typing import Any
from uuid import uuid4

import pytest

from services.command.features.messages.routes import NewMessage
from shared.events.messages import Attachment
from shared.identifiers import FileId, derived_id
from tests.conversations.talking import a_group, but_for_the_request, people, pointers_of, read, told
from tests.files.uploading import PDF, PNG, uploaded
from tests.fixtures.command_service import Answer, CommandService, Person

ONE, SHELL = derived_id("spec", "one"), derived_id("file", "shell")
URL = "https://media.example/shell.png"


def with_attachments(*attachments: dict[str, Any]) -> dict[str, Any]:
    return {"client_message_id": ONE, "content_type": "media", "attachments": list(attachments)}


def attached(*attachments: dict[str, Any]) -> tuple[Attachment, ...]:
    message = read(NewMessage, with_attachments(*attachments))
    assert isinstance(message, NewMessage)
    return message.attached


# What may be sent


def test_an_attachment_is_read_as_it_came() -> None:
    voice = {"kind": "voice", "file_id": SHELL.upper(), "name": " a ", "duration": 3, "sort_order": 7}
    video = {"kind": "video", "url": URL, "duration": 0.5, "width": 1, "height": 100_000}
    assert attached(voice, video) == (
        Attachment("voice", FileId(SHELL), name=" a ", duration=3.0, sort_order=7),
        Attachment("video", url=URL, duration=0.5, width=1, height=100_000, sort_order=1),
    )


def test_where_nothing_orders_them_their_places_do() -> None:
    assert [each.sort_order for each in attached(*[{"kind": "image", "url": URL}] * 3)] == [0, 1, 2]


@pytest.mark.parametrize(
    "edge",
    [
        {"url": "https://" + "x" * 492},
        {"name": "n" * 255},
        {"name": "\U0001f41a" * 255},
        {"duration": 86_400},
        {"duration": 0.001},
        {"width": 1, "height": 1},
        {"width": 100_000, "height": 100_000},
        {"sort_order": 0},
        {"sort_order": 1_000_000},
    ],
)
def test_an_attachment_at_its_limits_is_taken(edge: dict[str, Any]) -> None:
    assert len(attached({"kind": "image", "url": URL, **edge})) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "poem"}, "/kind"),
        ({"kind": None}, "/kind"),
        ({"url": "https://" + "x" * 493}, "/url"),
        ({"url": "http://media.example/1"}, "/url"),
        ({"url": "https://"}, "/url"),
        ({"url": "https://media.example/a b"}, "/url"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"url": None}, ""),
        ({"file_id": SHELL}, ""),
        ({"url": None, "file_id": "1"}, "/file_id"),
        ({"name": ""}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "n" * 256}, "/name"),
        ({"name": "shells/1.png"}, "/name"),
        ({"name": "shell\u202egnp.exe"}, "/name"),
        ({"name": "shell\n.png"}, "/name"),
        ({"duration": 0}, "/duration"),
        ({"duration": -1}, "/duration"),
        ({"duration": 86_400.1}, "/duration"),
        ({"duration": "3"}, "/duration"),
        ({"duration": True}, "/duration"),
        ({"width": 0}, "/width"),
        ({"width": 100_001}, "/width"),
        ({"height": 1.5}, "/height"),
        ({"sort_order": -1}, "/sort_order"),
        ({"sort_order": 1_000_001}, "/sort_order"),
        ({"media_type": "image/png"}, "/media_type"),
    ],
)
def test_what_no_attachment_can_be_is_refused_by_its_place(change: dict[str, Any], field: str) -> None:
    fine = {"kind": "image", "url": URL}
    assert pointers_of(NewMessage, with_attachments(fine, fine | change)) == [f"/attachments/1{field}"]


def test_ten_attachments_are_read_and_no_more() -> None:
    image = {"kind": "image", "url": URL}
    assert len(attached(*[image] * 10)) == 10
    assert pointers_of(NewMessage, with_attachments(*[image] * 11)) == ["/attachments"]


# What is answered


async def send(person: Person, where: str, content_type: str, *attachments: dict[str, Any], **more: Any) -> Answer:
    """Sends what has these attachments, under a key of its own where none is given."""
    new = {"client_message_id": str(uuid4()), "content_type": content_type, "attachments": list(attachments)}
    return await person.ask("POST", f"{where}/messages", new | more)


async def test_a_message_of_every_type_is_taken_and_what_does_not_fit_is_refused_by_its_place(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    where = await a_group(ann, ben)
    image, video = {"kind": "image", "url": URL}, {"kind": "video", "url": URL, "duration": 9.5}
    voice, file = {"kind": "voice", "url": URL, "duration": 3}, {"kind": "file", "url": URL, "name": "tides.pdf"}
    taken = [
        await send(ann, where, "image", image),
        await send(ann, where, "image", image, content="A shell"),
        await send(ann, where, "file", file, content=None),
        await send(ann, where, "voice", voice, content=""),
        await send(ann, where, "media", image, video, content=" "),
        await send(ann, where, "shared_post", shared_post_id=ONE),
    ]
    assert [(each.status, each.body["seq"]) for each in taken] == [(201, seq) for seq in range(1, 7)]

    async def wrong(content_type: str, *attachments: dict[str, Any], **more: Any) -> tuple[int, str, str]:
        answer = await send(ann, where, content_type, *attachments, **more)
        return *told(answer), answer.body["errors"][0]["pointer"]

    assert await wrong("image", image, image) == (422, "attachments-do-not-fit", "/attachments")
    assert await wrong("text", image, content="A shell") == (422, "attachments-do-not-fit", "/attachments")
    assert await wrong("media", *[image] * 11) == (422, "invalid-content", "/attachments")
    assert await wrong("voice", {"kind": "voice", "url": URL}) == (
        422, "duration-is-missing", "/attachments/0/duration"
    )  # fmt: skip
    assert await wrong("shared_post", content="Look") == (422, "shared-post-is-missing", "/shared_post_id")
    for content in ("", " \n", None):
        assert await wrong("text", content=content) == (422, "text-is-blank", "/content")


async def test_the_same_attachments_again_are_the_same_message_and_others_are_refused(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    where = await a_group(ann, ben)
    shell, snail = {"kind": "image", "url": URL}, {"kind": "image", "url": f"{URL}?snail"}
    first = await send(ann, where, "image", shell, client_message_id=ONE)
    again = await send(ann, where, "image", shell, client_message_id=ONE)
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    for other in (
        await send(ann, where, "image", snail, client_message_id=ONE),
        await send(ann, where, "media", shell, client_message_id=ONE),
        await send(ann, where, "image", shell, client_message_id=ONE, content="A shell"),
    ):
        assert told(other) == (422, "key-used-for-other-content")
    there = await a_group(ann, ben)
    assert (await send(ann, there, "media", shell, snail, client_message_id=ONE)).status == 201
    assert told(await send(ann, there, "media", snail, shell, client_message_id=ONE)) == (
        422, "key-used-for-other-content"
    )  # fmt: skip


async def test_the_text_beside_attachments_is_taken_away_and_that_of_a_text_is_not(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    where = await a_group(ann, ben)
    shell = await send(ann, where, "image", {"kind": "image", "url": URL}, content="A shell")
    for content in (None, "", " "):
        answer = await ann.ask("PATCH", f"{where}/messages/{shell.body['message_id']}", {"content": content})
        assert answer.status == 200
    text = await send(ann, where, "text", content="Hello")
    for content in (None, "", " "):
        answer = await ann.ask("PATCH", f"{where}/messages/{text.body['message_id']}", {"content": content})
        assert (*told(answer), answer.body["errors"][0]["pointer"]) == (422, "text-is-blank", "/content")


async def test_a_file_goes_with_messages_of_who_uploaded_it_as_what_it_is(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    here, there = await a_group(ann, ben), await a_group(ann, ben)
    shell, tides = await uploaded(ann, PNG), await uploaded(ann, PDF, "tides.pdf")
    image, file = {"kind": "image", "file_id": shell}, {"kind": "file", "file_id": tides}
    first = await send(ann, here, "image", image, client_message_id=ONE)
    again = await send(ann, here, "image", image, client_message_id=ONE)
    others = [await send(ann, there, "media", image, image), await send(ann, there, "file", file)]
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    assert [each.status for each in others] == [201, 201]
    wrong = await send(ann, here, "media", image, {"kind": "image", "file_id": tides})
    assert (*told(wrong), wrong.body["errors"][0]["pointer"]) == (
        422, "file-is-of-another-kind", "/attachments/1/kind"
    )  # fmt: skip


async def test_anothers_file_and_one_that_is_not_there_look_the_same(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    where = await a_group(ann, ben)
    anns = {"kind": "image", "file_id": await uploaded(ann, PNG)}
    assert (await send(ann, where, "image", anns)).status == 201
    answers = [
        await send(ben, where, "media", {"kind": "image", "url": URL}, wrong)
        for wrong in (anns, anns | {"file_id": SHELL})
    ]
    assert (*told(answers[0]), answers[0].body["errors"][0]["pointer"]) == (
        422, "no-such-file-of-yours", "/attachments/1/file_id"
    )  # fmt: skip
    assert but_for_the_request(answers[0]) == but_for_the_request(answers[1])
