"""From what somebody asks to what others see of it: both services, and the topic of presence between them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.log.topics import ensure_topics
from tests.conversations.talking import a_group, say, told
from tests.fixtures.command_service import PASSWORD, CommandService, Person, running_command_service
from tests.fixtures.names import eventually
from tests.fixtures.query_service import QueryService
from tests.presence.topic import delete_topic, said_of


async def last_seen_at(query_service: QueryService, user_id: str, by: str) -> datetime | None:
    """What somebody is told of somebody."""
    answer = await query_service.get(f"/v1/users/{user_id}", by=by)
    text = answer.body.get("last_seen_at")
    return None if text is None else datetime.fromisoformat(text)


async def is_seen(query_service: QueryService, person: Person, by: Person) -> Any:
    return await last_seen_at(query_service, person.user_id, by.user_id)


async def test_whoever_asks_is_seen_by_others_once_in_five_minutes(
    command_service: CommandService, query_service: QueryService
) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    ada, ben = await command_service.register(), await command_service.register()
    group = await a_group(ada, ben)
    for _ in range(5):
        await say(ada, group, "Hello")
        await ada.ask("GET", "/v1/me/account")

    seen_at = await eventually(lambda: is_seen(query_service, ada, ben))

    assert before <= seen_at <= datetime.now(UTC)
    assert (await query_service.get("/v1/me", by=ada.user_id)).body["last_seen_at"] is not None
    await eventually(lambda: is_seen(query_service, ben, ada))
    assert await said_of(command_service.settings, ada.user_id) == [seen_at]


async def test_an_agent_is_seen_like_anybody(command_service: CommandService, query_service: QueryService) -> None:
    ada = await command_service.register()
    robot = await ada.make_agent()
    assert await eventually(lambda: is_seen(query_service, robot, ada))


async def test_whoever_only_reads_is_seen_when_they_are_let_in(
    own_command_service: CommandService, own_query_service: QueryService
) -> None:
    ada, ben = await own_command_service.register(), await own_command_service.register()
    for path, body in (
        ("/v1/auth/login", {"email": ada.email, "password": PASSWORD}),
        ("/v1/auth/refresh", {"refresh_token": ben.refresh_token}),
    ):
        async with running_command_service(own_command_service.settings) as another:  # which has noticed nobody yet
            assert (await another.ask("POST", path, body)).status == 200
    for person in (ada, ben):

        async def said_twice(user_id: str = person.user_id) -> bool:
            return len(await said_of(own_command_service.settings, user_id)) == 2

        await eventually(said_twice)


async def test_a_service_that_starts_again_tells_of_somebody_once_more_at_most(
    own_command_service: CommandService,
) -> None:
    ada = await own_command_service.register()
    settings = own_command_service.settings

    async def said(times: int) -> bool:
        return len(await said_of(settings, ada.user_id)) == times

    await eventually(lambda: said(1))
    async with running_command_service(settings) as another:

        async def is_let_in() -> bool:
            return (await another.ask("GET", "/v1/me/account", token=ada.token)).status == 200

        await eventually(is_let_in)
        for _ in range(20):
            assert await is_let_in()
    assert await said(2)


async def test_who_cannot_show_who_they_are_is_not_seen(
    command_service: CommandService, query_service: QueryService
) -> None:
    ada, ben = await command_service.register(), await command_service.register()
    wrong = {"email": ben.email, "password": "Wrong1horse"}
    assert (await command_service.ask("POST", "/v1/auth/login", wrong)).status == 401
    assert (await command_service.ask("GET", "/v1/me/account", token="x")).status == 401
    seen_at = await eventually(lambda: is_seen(query_service, ben, ada))
    assert await said_of(command_service.settings, ben.user_id) == [seen_at]


async def test_of_whoever_has_left_nothing_is_shown_and_the_topic_forgets_them(
    own_command_service: CommandService, own_query_service: QueryService
) -> None:
    ada, ben = await own_command_service.register(), await own_command_service.register()
    assert await eventually(lambda: is_seen(own_query_service, ada, ben))

    left = await ada.ask("DELETE", "/v1/me")

    answer = await own_query_service.get(f"/v1/users/{ada.user_id}", by=ben.user_id, min_position=left.body["position"])
    assert (answer.body["kind"], answer.body["last_seen_at"]) == ("deactivated", None)

    async def is_forgotten() -> bool:
        return (await said_of(own_command_service.settings, ada.user_id))[-1:] == [None]

    await eventually(is_forgotten)
    for _ in range(3):
        assert told(await ada.ask("GET", "/v1/me/account")) == (403, "user-deactivated")
    assert (await ada.ask("DELETE", "/v1/me")).status == 200
    await ben.ask("PATCH", "/v1/me", {"display_name": "Ben"})
    assert await is_forgotten()
    assert await eventually(lambda: is_seen(own_query_service, ben, ben))


async def test_without_the_topic_commands_are_answered_and_all_is_well(
    own_command_service: CommandService, own_query_service: QueryService
) -> None:
    settings = own_command_service.settings
    await delete_topic(settings)
    ada, ben = await own_command_service.register(), await own_command_service.register()
    group = await a_group(ada, ben)
    assert (await say(ada, group, "Is anybody there?")).status == 201
    for service in (own_command_service.url, own_query_service.url):
        async with own_command_service.session.get(f"{service}/health") as health:
            assert health.status == 200

    await ensure_topics(settings)

    assert await eventually(lambda: is_seen(own_query_service, ada, ben), 40.0)
