"""From what people say to what they see: both services, the log between them."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from shared.identifiers import imported_id
from shared.settings import Settings
from tests.conversations.talking import a_group, people, say
from tests.fixtures.command_service import CommandService, Person, running_command_service, until_ready
from tests.fixtures.query_service import QueryService, running_query_service, token_of


async def test_what_is_said_is_seen_by_those_who_may(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben, eve = await people(command_service, 3)
    where, key = await a_group(ann, ben), str(uuid4())

    async def seen(by: Person, path: str, after: Any) -> Any:
        answer = await query_service.get(path, by=by.user_id, min_position=after.body["position"])
        assert answer.status == 200, answer
        return answer.body

    first = await say(ann, where, "Ahoy", key=key)
    reply = await say(ben, where, "Ahoy yourself", reply_to_id=first.body["message_id"])
    (to_ben,) = (await seen(ben, "/v1/conversations", reply))["items"]
    assert (to_ben["title"], to_ben["unread_count"]) == ("Crew", 1)
    assert to_ben["last_message"]["preview"] == "Ahoy yourself"

    read = await ben.ask("POST", f"{where}/read", {"seq": 2})
    newest, oldest = (await seen(ann, f"{where}/messages", read))["items"]
    assert (newest["reply_to"]["message_id"], newest["client_message_id"]) == (first.body["message_id"], None)
    assert (oldest["content"], oldest["status"], oldest["client_message_id"]) == ("Ahoy", "read", key)
    assert (await seen(ben, f"{where}/unread", read))["count"] == 0

    edited = await ann.ask("PATCH", f"{where}/messages/{first.body['message_id']}", {"content": "Ahoy!"})
    texts = await seen(ben, f"{where}/messages/{first.body['message_id']}/edits", edited)
    assert [each["content"] for each in texts["items"]] == ["Ahoy", "Ahoy!"]

    liked = await ben.ask("PUT", f"{where}/messages/{first.body['message_id']}/reaction", {"kind": "like"})
    shown = await seen(ben, f"{where}/messages/{first.body['message_id']}", liked)
    assert shown["reactions"] == {"counts": {"like": 1}, "mine": "like"}
    taken_back = await ben.ask("DELETE", f"{where}/messages/{first.body['message_id']}/reaction")
    shown = await seen(ben, f"{where}/messages/{first.body['message_id']}", taken_back)
    assert shown["reactions"] == {"counts": {}, "mine": None}

    added = await ann.ask("POST", f"{where}/participants", {"user_id": eve.user_id})
    notice = (await seen(eve, f"{where}/messages", added))["items"][0]
    assert (notice["role"], notice["content"]) == ("system", f"{ann.username} added {eve.username}")
    assert (await seen(eve, f"{where}/unread", added))["count"] == 0

    gone = await ann.ask("DELETE", f"{where}/participants/{eve.user_id}")
    stranger = await query_service.get(f"{where}/messages", by=eve.user_id, min_position=gone.body["position"])
    assert (stranger.status, stranger.body["code"]) == (404, "not-found")
    assert (await query_service.get("/v1/me", by=ann.user_id)).body["username"] == ann.username


async def test_what_is_said_sent_edited_or_imported_is_flagged_by_the_operators_words(
    service_settings: Settings, tmp_path: Path
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("scurvy\n", encoding="utf-8")
    settings = replace(service_settings, flagged_words_file=str(words))
    async with running_command_service(settings) as service, running_query_service(settings) as questions:
        await until_ready(service)
        ann, ben = await people(service, 2)
        where = await a_group(ann, ben)
        bettered = (await say(ben, where, "Sorry, I meant scurvy")).body["message_id"]
        await ben.ask("PATCH", f"{where}/messages/{bettered}", {"content": "Sorry"})
        worsened = (await say(ben, where, "Hello")).body["message_id"]
        await ben.ask("PATCH", f"{where}/messages/{worsened}", {"content": "Sc\u00fcrvy!"})
        shell = {"kind": "image", "url": "https://media.example/shell"}
        await say(ben, where, "A scurvy shell", content_type="image", attachments=[shell])
        last = await say(ben, where, "SCURVY")
        answer = await questions.get(f"{where}/messages", by=ann.user_id, min_position=last.body["position"])
        imported = await imported_and_seen(service, questions, "Scurvy it was")

    assert [each["flagged"] for each in answer.body["items"]] == [True, True, True, False]
    assert (imported["content"], imported["flagged"]) == ("Scurvy it was", True)


async def imported_and_seen(service: CommandService, questions: QueryService, content: str) -> Any:
    """What the owner of an imported room sees of a message in it."""
    person, room, message = (imported_id("spec", name) for name in ("person", "room", "message"))
    about: dict[str, Any] = {"source": "spec", "occurred_at": "2015-06-01T08:30:00Z"}
    await service.imported(
        {"kind": "person", "source": "spec", "source_id": "person", "name": "Pat"},
        {"kind": "conversation", "source_id": "room", "title": "Room", "started_by": "person", **about},
        {"kind": "message", "source_id": "message", "conversation": "room", "sender": "person", "content": content}
        | about,
    )
    recorded = await service.ask("GET", f"/v1/commands/{room}/{message}", token=token_of(service.settings, person))
    path = f"/v1/conversations/{room}/messages/{message}"
    return (await questions.get(path, by=person, min_position=recorded.body["position"])).body
