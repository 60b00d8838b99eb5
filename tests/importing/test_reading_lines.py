"""What the command service takes as a line of an import, and what it refuses, line by line."""

import json
from typing import Any

import pytest

from services.command.app import ABOUT
from services.command.features.importing.answers import Answer
from services.command.features.importing.lines import (
    KINDS,
    LINES_LIMIT,
    ConversationLine,
    MessageLine,
    PersonLine,
    ReactionLine,
    read_line,
    read_lines,
)
from services.command.features.importing.routes import ROUTES
from shared.events.messages import Attachment
from shared.identifiers import imported_id
from shared.web.openapi import described
from shared.web.problems import TooLarge

PERSON = {"kind": "person", "source": "gitter", "source_id": "p1", "name": "Ann"}
ROOM = {
    "kind": "conversation",
    "source": "gitter",
    "source_id": "r1",
    "title": "Square",
    "started_by": "p1",
    "occurred_at": "2016-01-04T08:00:00.000+02:00",
}
MESSAGE = {
    "kind": "message",
    "source": "gitter",
    "source_id": "m1",
    "conversation": "r1",
    "sender": "p1",
    "content": "Hello.",
    "occurred_at": "2016-01-04T08:00:00.123Z",
}
REACTION = {
    "kind": "reaction",
    "source": "gitter",
    "conversation": "r1",
    "message": "m1",
    "sender": "p1",
    "reaction": "like",
    "occurred_at": "2016-01-04T08:00:00.123Z",
}
IMAGE = {"kind": "image", "url": "https://files.example.org/a.png"}


def read(line: dict[str, Any], **more: Any) -> Any:
    return read_line(json.dumps(line | more).encode())


def refusal(line: dict[str, Any], **more: Any) -> str:
    answer = read(line, **more)
    assert isinstance(answer, Answer)
    assert answer.outcome == "refused"
    assert answer.reason
    return answer.code


def test_each_kind_is_read_with_ids_made_of_the_source_and_its_own_ids() -> None:
    person, room, message, reaction = read(PERSON), read(ROOM), read(MESSAGE), read(REACTION)

    assert isinstance(person, PersonLine)
    assert isinstance(room, ConversationLine)
    assert isinstance(message, MessageLine)
    assert person.user_id == room.actor == message.actor == imported_id("gitter", "p1")
    assert room.conversation_id == message.conversation_id == imported_id("gitter", "r1")
    assert message.message_id == imported_id("gitter", "m1")
    assert message.reply_to_id is None
    assert isinstance(reaction, ReactionLine)
    assert (reaction.actor, reaction.conversation_id) == (message.actor, message.conversation_id)
    assert reaction.message_id == message.message_id


def test_times_are_told_in_utc() -> None:
    assert read(ROOM).occurred_at.isoformat() == "2016-01-04T06:00:00+00:00"


def test_a_text_of_exactly_the_limit_is_taken_and_one_past_it_is_not() -> None:
    assert read(MESSAGE, content="🌊" * 4_000).content == "🌊" * 4_000
    assert refusal(MESSAGE, content="🌊" * 4_001) == "text-is-too-long"


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u3000"])
def test_a_blank_text_is_refused(blank: str) -> None:
    assert refusal(MESSAGE, content=blank) == "text-is-blank"


def test_a_message_with_attachments_may_have_no_text() -> None:
    line = read(MESSAGE, content="", content_type="image", attachments=[IMAGE])

    assert [each.as_attached(0) for each in line.attachments] == [Attachment("image", url=IMAGE["url"])]


@pytest.mark.parametrize("url", ["http://files.example.org/a.png", "https://", "https://files.example.org/a b"])
def test_an_attachment_is_at_an_https_address(url: str) -> None:
    assert refusal(MESSAGE, content_type="image", attachments=[IMAGE | {"url": url}]) == "invalid-content"


def test_an_address_has_at_most_500_characters() -> None:
    url = "https://files.example.org/".ljust(500, "x")

    assert read(MESSAGE, content_type="image", attachments=[IMAGE | {"url": url}]).attachments[0].url == url
    assert refusal(MESSAGE, content_type="image", attachments=[IMAGE | {"url": url + "x"}]) == "invalid-content"


def test_a_message_without_what_came_later_to_the_form_is_the_same_as_it_was_before() -> None:
    before = json.dumps(
        MESSAGE | {"occurred_at": "2016-01-04T08:00:00.123000Z", "reply_to": None}, separators=(",", ":")
    )

    assert read(MESSAGE).identity == before
    assert read(MESSAGE, content_type="image", attachments=[IMAGE]).identity != before


def test_odd_characters_are_taken_as_they_are() -> None:
    text = " control \x01 \x7f zero\u200bwidth \u202ebidi\u202c CR LF\r\n "

    assert read(MESSAGE, content=text).content == text


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (MESSAGE | {"content": "a\0b"}, "invalid-content"),
        (MESSAGE | {"content": "half \udcff"}, "malformed-request"),
        (MESSAGE | {"occurred_at": "2016-01-04T08:00:00"}, "invalid-content"),
        (MESSAGE | {"occurred_at": "0001-01-01T00:00:00+05:00"}, "invalid-content"),
        (MESSAGE | {"content": 5}, "invalid-content"),
        (MESSAGE | {"unknown": 5}, "invalid-content"),
        (MESSAGE | {"source_id": ""}, "invalid-content"),
        (MESSAGE | {"source_id": "x" * 201}, "invalid-content"),
        (PERSON | {"name": " "}, "invalid-content"),
        (PERSON | {"name": "x" * 101}, "invalid-content"),
        (PERSON | {"source": "Git ter"}, "invalid-content"),
        (ROOM | {"title": "x" * 101}, "invalid-content"),
        (ROOM | {"kind": "planet"}, "invalid-content"),
        (REACTION | {"reaction": "clap"}, "invalid-content"),
        (REACTION | {"message": ""}, "invalid-content"),
        (MESSAGE | {"content_type": "image", "attachments": [IMAGE] * 11}, "invalid-content"),
        (MESSAGE | {"content_type": "image", "attachments": [IMAGE | {"kind": "planet"}]}, "invalid-content"),
        (MESSAGE | {"content_type": "image", "attachments": [{"kind": "image"}]}, "invalid-content"),
    ],
)
def test_a_line_of_the_wrong_form_is_refused_with_the_reason(line: dict[str, Any], code: str) -> None:
    assert refusal(line) == code


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"text"', b"\xff", b'{"kind": "person", "kind": "person"}', b"[" * 10**5]
)
def test_bytes_that_are_no_line_are_refused(raw: bytes) -> None:
    answer = read_line(raw)

    assert isinstance(answer, Answer)
    assert answer.outcome == "refused"


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    for line in (MESSAGE | {"content": "canary\0"}, MESSAGE | {"kind": "canary"}, MESSAGE | {"occurred_at": "canary"}):
        assert "canary" not in read(line).reason


def test_a_bad_line_spoils_no_other() -> None:
    raw = b"\n".join([json.dumps(PERSON).encode(), b"{", json.dumps(MESSAGE).encode(), b""])

    person, bad, message = read_lines(raw)

    assert isinstance(person, PersonLine)
    assert isinstance(bad, Answer)
    assert isinstance(message, MessageLine)


def test_a_post_has_a_limit_of_lines() -> None:
    assert len(read_lines(b"{\n" * LINES_LIMIT)) == LINES_LIMIT
    with pytest.raises(TooLarge):
        read_lines(b"{\n" * (LINES_LIMIT + 1))


def test_the_forms_of_lines_and_their_limits_are_described() -> None:
    document = described(ROUTES, ABOUT)

    body = document["paths"]["/v1/operator/import"]["post"]["requestBody"]["content"]["application/x-ndjson"]["schema"]
    forms = {each["$ref"].rpartition("/")[2] for each in body["contentSchema"]["oneOf"]}
    schemas = document["components"]["schemas"]
    assert {schemas[form]["properties"]["kind"]["const"] for form in forms} == KINDS.keys()
    said = schemas["MessageLine"]["properties"]
    assert said["content"]["maxLength"] == 4_000
    assert said["attachments"]["maxItems"] == 10
    assert said["source_id"]["maxLength"] == 200
    assert schemas["ReactionLine"]["properties"]["reaction"]["enum"] == ["like", "love", "haha", "wow", "sad", "pray"]
