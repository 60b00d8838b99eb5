"""From what somebody does with their own list to what they see of it: both services, the log between them."""

from typing import Any

from tests.conversations.talking import a_group, people, say, started
from tests.fixtures.command_service import Answer, CommandService, Person
from tests.fixtures.query_service import QueryService


async def test_each_has_a_list_of_their_own(command_service: CommandService, query_service: QueryService) -> None:
    ann, ben = await people(command_service, 2)
    crew = await a_group(ann, ben)
    pair = await started(ann, {"kind": "direct", "participant_ids": [ben.user_id]})

    async def listed(by: Person, after: Answer, **parameters: Any) -> list[str]:
        answer = await query_service.get(
            "/v1/conversations", by=by.user_id, min_position=after.body["position"], **parameters
        )
        return [f"/v1/conversations/{each['conversation_id']}" for each in answer.body["items"]]

    assert await listed(ann, await ann.ask("PUT", f"{crew}/pin")) == [crew, pair]
    archived = await ann.ask("PUT", f"{pair}/archive")
    assert await listed(ann, archived, archived="false") == [crew]
    assert await listed(ann, archived, archived="true") == [pair]
    assert await listed(ben, archived, archived="true") == []

    await say(ben, crew, "old news")
    cleared = await ann.ask("POST", f"{crew}/clear")
    assert await listed(ann, cleared) == [pair]
    assert crew in await listed(ben, cleared)
    news = await say(ben, crew, "news")
    assert await listed(ann, news) == [crew, pair]
    page = await query_service.get(f"{crew}/messages", by=ann.user_id, min_position=news.body["position"])
    assert [each["content"] for each in page.body["items"]] == ["news"]

    deleted = await ann.ask("DELETE", crew)
    assert await listed(ben, deleted) == [pair]
    gone = await query_service.get(crew, by=ben.user_id, min_position=deleted.body["position"])
    assert (gone.status, gone.body["code"]) == (404, "not-found")
