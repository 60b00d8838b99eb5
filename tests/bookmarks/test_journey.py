"""From what somebody keeps to what becomes of it: both services, the log between them."""

from typing import Any

from tests.conversations.talking import a_group, people, say
from tests.files.uploading import PDF, download, upload
from tests.fixtures.command_service import CommandService
from tests.fixtures.query_service import QueryService


async def test_what_is_kept_is_listed_and_found_as_long_as_it_may_be_read(
    command_service: CommandService, query_service: QueryService
) -> None:
    anna, ben = await people(command_service, 2)
    where = await a_group(ben, anna)
    message_id = (await say(ben, where, "The boat leaves at nine")).body["message_id"]
    target = {"type": "message", "target_id": message_id, "conversation_id": where.rpartition("/")[2]}

    async def seen(path: str, after: Any) -> Any:
        answer = await query_service.get(path, by=anna.user_id, min_position=after.body["position"])
        assert answer.status == 200, answer
        return answer.body

    async def is_seen(after: Any) -> tuple[str, str | None, list[str], int]:
        [listed] = (await seen("/v1/bookmarks", after))["items"]
        checked = await seen(f"/v1/bookmarks/check?type=message&ids={message_id}", after)
        found = await seen("/v1/messages/search?q=leaves", after)
        return listed["target_state"], listed["preview"], checked["bookmarked"], len(found["items"])

    kept = await anna.ask("POST", "/v1/bookmarks/toggle", target | {"note": "for Sunday"})
    assert await is_seen(kept) == ("available", "The boat leaves at nine", [message_id], 1)
    edited = await ben.ask("PATCH", f"{where}/messages/{message_id}", {"content": "It leaves at ten"})
    assert await is_seen(edited) == ("edited", "It leaves at ten", [message_id], 1)
    unsent = await ben.ask("POST", f"{where}/messages/{message_id}/unsend")
    assert await is_seen(unsent) == ("unsent", "unsent", [message_id], 0)
    removed = await ben.ask("DELETE", f"{where}/participants/{anna.user_id}")
    assert await is_seen(removed) == ("inaccessible", None, [message_id], 0)


async def test_a_kept_file_is_available_as_long_as_it_may_be_downloaded(
    command_service: CommandService, query_service: QueryService
) -> None:
    anna, ben = await people(command_service, 2)
    where, tides = await a_group(ben, anna), await upload(ben, PDF, name="tides.pdf")
    file_id = tides.body["file_id"]
    attachments = [{"kind": "file", "file_id": file_id}]

    async def shown() -> Any:
        return await say(ben, where, "", content_type="file", attachments=attachments)

    async def is_seen(after: Any) -> tuple[str, str | None, int]:
        answer = await query_service.get("/v1/bookmarks?type=file", by=anna.user_id, min_position=after)
        [listed] = answer.body["items"]
        return listed["target_state"], listed["preview"], (await download(anna, file_id)).status

    first = await shown()
    kept = await anna.ask("PUT", f"/v1/bookmarks/file/{file_id}", {"note": "for Sunday"})
    all_three = ",".join(each.body["position"] for each in (tides, first, kept))
    assert await is_seen(all_three) == ("available", "tides.pdf", 200)
    message = f"{where}/messages/{first.body['message_id']}"
    seen = await query_service.get(message, by=anna.user_id, min_position=all_three)
    assert (seen.body["content"], seen.body["content_type"]) == ("", "file")
    assert [(each["file_id"], each["name"]) for each in seen.body["attachments"]] == [(file_id, "tides.pdf")]
    unsent = await ben.ask("POST", f"{message}/unsend")
    assert await is_seen(unsent.body["position"]) == ("inaccessible", None, 404)
    assert await is_seen((await shown()).body["position"]) == ("available", "tides.pdf", 200)
    removed = await ben.ask("DELETE", f"{where}/participants/{anna.user_id}")
    assert await is_seen(removed.body["position"]) == ("inaccessible", None, 404)
