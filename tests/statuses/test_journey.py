"""A status from its setting to its end, through the services as they are."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka.structs import TopicPartition

from shared.events.domain_event import Recorded
from shared.events.statuses import StatusCleared, StatusSet
from shared.identifiers import VERBATIM_ITSELF, StreamKind
from shared.log.claim_rule import Claimed, judge_record
from shared.log.reading import LogReader
from shared.log.records import NO_CLAIM
from shared.log.topics import partition_of
from shared.settings import Settings
from tests.fixtures.command_service import CommandService
from tests.fixtures.names import eventually
from tests.fixtures.query_service import QueryService


async def test_a_status_is_seen_until_it_expires_and_its_end_is_recorded(
    command_service: CommandService, query_service: QueryService
) -> None:
    anna = await command_service.register()
    end = datetime.now(UTC) + timedelta(seconds=3)
    body = {"emoji": "🥪", "text": "Lunch", "expires": {"at": end.isoformat()}, "dnd_enabled": True}
    set_ = await anna.ask("PUT", "/v1/me/status", body)
    assert set_.status == 200, set_
    path = f"/v1/users/{anna.user_id}"
    seen = await query_service.get(f"{path}/status", min_position=set_.body["position"])
    assert (seen.status, seen.body["text"], seen.body["expires_at"]) == (200, "Lunch", set_.body["expires_at"])
    until = await query_service.get(f"{path}/dnd", min_position=set_.body["position"])
    assert until.body == {"dnd_enabled": True, "until": set_.body["expires_at"]}

    _, _, cleared = await eventually(lambda: three_events(command_service.settings, anna.user_id))
    assert isinstance(cleared.event, StatusCleared)
    assert (cleared.actor, cleared.event.job_id) == (VERBATIM_ITSELF, set_.body["job_id"])
    assert cleared.event.due_at is not None
    assert cleared.event.due_at <= cleared.time
    assert (await query_service.get(f"{path}/status")).body is None
    assert (await query_service.get(f"{path}/dnd")).body == {"dnd_enabled": False, "until": None}
    health = await command_service.ask("GET", "/health")
    assert (health.status, health.body["expiration"]["well"]) == (200, True)


async def test_a_status_that_took_its_place_outlives_the_first_ones_expiry(command_service: CommandService) -> None:
    anna = await command_service.register()
    end = datetime.now(UTC) + timedelta(seconds=0.5)
    await anna.ask("PUT", "/v1/me/status", {"text": "Lunch", "expires": {"at": end.isoformat()}})
    later = {"text": "Back", "expires": {"at": (end + timedelta(seconds=1)).isoformat()}}
    assert (await anna.ask("PUT", "/v1/me/status", later)).status == 200
    events = await eventually(lambda: events_with_an_end(command_service.settings, anna.user_id))
    first, second, cleared = [each.event for each in events[1:]]
    assert isinstance(first, StatusSet)
    assert isinstance(second, StatusSet)
    assert (cleared.job_id, cleared.due_at) == (second.job_id, second.expires_at)


async def three_events(settings: Settings, user_id: str) -> Any:
    found = await events_of(settings, user_id)
    return found if len(found) == 3 else None


async def events_with_an_end(settings: Settings, user_id: str) -> Any:
    found = await events_of(settings, user_id)
    return found if isinstance(found[-1].event, StatusCleared) else None


async def events_of(settings: Settings, user_id: str) -> list[Recorded]:
    """What the log has of somebody, by the claim rule."""
    partition = TopicPartition(settings.topic(StreamKind.USERS), partition_of(user_id, settings.partitions))
    reader, in_force, found = LogReader(settings.kafka_bootstrap_servers), NO_CLAIM, []
    end = (await reader.end_offsets([partition]))[partition]
    async for record in reader.read_range(partition, 0, end):
        judged = judge_record(record.offset, record.value, in_force)
        if isinstance(judged, Claimed):
            in_force = judged.claim
        elif isinstance(judged, Recorded) and judged.stream_id == user_id:
            found.append(judged)
    await reader.close()
    return found
