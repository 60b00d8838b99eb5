"""From what people say to what they see: both services, the log between them."""

from typing import Any
from uuid import uuid4

from tests.conversations.talking import a_group, people, say
from tests.fixtures.command_service import CommandService, Person
from tests.fixtures.query_service import QueryService


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

    added = await ann.ask("POST", f"{where}/participants", {"user_id": eve.user_id})
    notice = (await seen(eve, f"{where}/messages", added))["items"][0]
    assert (notice["role"], notice["content"]) == ("system", f"{ann.username} added {eve.username}")
    assert (await seen(eve, f"{where}/unread", added))["count"] == 0

    gone = await ann.ask("DELETE", f"{where}/participants/{eve.user_id}")
    stranger = await query_service.get(f"{where}/messages", by=eve.user_id, min_position=gone.body["position"])
    assert (stranger.status, stranger.body["code"]) == (404, "not-found")
    assert (await query_service.get("/v1/me", by=ann.user_id)).body["username"] == ann.username
