"""`verbatim verify` on a real Kafka and a real Postgres: what is whole passes, what was tampered with does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition
from click.testing import CliRunner

from services.operator.verify import verify
from services.operator.verifying.checking import Source, check
from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Going
from services.projector.following import Follower
from services.projector.projections import PROJECTIONS
from shared.identifiers import StreamKind
from shared.log.topics import ensure_topics
from shared.postgres import Pool, open_pool
from shared.settings import Settings
from tests.verifying.handmade import ADA, PARTITIONS, ROOM, HandmadeLog, a_correct_history, named

LIMIT_SECONDS = 20.0


@dataclass
class Scene:
    """A log in Kafka, and tables that the projector made of it."""

    settings: Settings
    database: "asyncpg.Connection[asyncpg.Record]"
    pool: Pool

    async def append(self, log: HandmadeLog, beyond: dict[tuple[str, int], int] | None = None) -> None:
        """Writes a log's records, each into its partition; with `beyond`, those from these places on."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka_bootstrap_servers)
        await producer.start()
        try:
            for kind, partition in log.places:
                for record in list(log.records(kind, partition))[(beyond or {}).get((kind, partition), 0) :]:
                    topic = self.settings.topic(StreamKind(kind))
                    await producer.send_and_wait(topic, record.value, record.key, partition, headers=[*record.headers])
        finally:
            await producer.stop()

    async def project(self, log: HandmadeLog) -> None:
        """Lets the projector come to the end of this log."""
        follower = Follower(self.settings, self.pool, PROJECTIONS)
        ends = {
            TopicPartition(self.settings.topic(StreamKind(kind)), partition): len(entries)
            for (kind, partition), entries in log.places.items()
        }
        following = asyncio.create_task(follower.run())
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while not ends.items() <= (await self._checkpoints()).items():  # noqa: ASYNC110  # it is another process's work, as a rule
                    await asyncio.sleep(0.05)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await follower.stop()

    async def _checkpoints(self) -> dict[TopicPartition, int]:
        rows = await self.database.fetch("SELECT topic, partition, next_offset FROM checkpoints")
        return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}

    async def verified(self) -> Report:
        """What a check finds."""
        topics = {kind.value: self.settings.topic(kind) for kind in StreamKind}
        source = Source(
            self.settings.kafka_bootstrap_servers, topics, self.settings.database_url, self.settings.schema("read")
        )
        return await check(source, Going())


@pytest.fixture
async def scene(kafka_bootstrap: str, database_url: str, topic_prefix: str) -> AsyncIterator[Scene]:
    """Topics of the test's own, without records, and empty tables."""
    settings = Settings(
        kafka_bootstrap_servers=kafka_bootstrap,
        database_url=database_url,
        topic_prefix=topic_prefix,
        partitions=PARTITIONS,
        kafka_flush_each_append=False,
    )
    await ensure_topics(settings)
    search_path = {"search_path": settings.schema("read")}
    pool = await open_pool(settings, server_settings=search_path)
    database = await asyncpg.connect(database_url, server_settings=search_path)
    yield Scene(settings, database, pool)
    await database.close()
    await pool.close()


async def test_what_the_projector_made_of_a_correct_log_has_no_finding(scene: Scene) -> None:
    log = a_correct_history()
    await scene.append(log)
    await scene.project(log)

    report = await scene.verified()

    assert report.first == []
    assert report.looked_at["events"] == 63
    assert report.looked_at["rows of messages"] == 8
    assert report.looked_at["rows of message_attachments"] == 3
    assert report.looked_at["rows of message_reactions"] == 2
    assert report.looked_at["rows of user_statuses"] == 2


async def test_what_the_tables_do_not_cover_yet_is_no_finding(scene: Scene) -> None:
    log = a_correct_history()
    await scene.append(log)
    await scene.project(log)
    before = {place: len(entries) for place, entries in log.places.items()}
    log.command("users", ADA, ADA, ("user.display_name_changed", {"display_name": "Lovelace"}))
    await scene.append(log, beyond=before)

    report = await scene.verified()

    assert report.first == []
    assert report.looked_at["records that the tables did not cover yet"] == 1


async def test_rows_that_were_tampered_with_are_found_out(scene: Scene) -> None:
    tampering = {
        "messages": "DELETE FROM messages WHERE content = 'Just us'",
        "participants": "UPDATE participants SET read_seq = read_seq - 1 WHERE read_seq > 0",
        "user_statuses": f"""INSERT INTO user_statuses (user_id, text, dnd_enabled, set_at)
            VALUES ('{named("a phantom")}', '', true, now())""",
        "conversations": f"UPDATE conversations SET updated_at = created_at WHERE conversation_id = '{ROOM}'",
        "users": "UPDATE users SET updated_at = updated_at + interval '1 microsecond' WHERE username = 'cleo'",
        "bookmarks": "UPDATE bookmarks SET note = NULL WHERE note IS NOT NULL",
        "files": "UPDATE files SET size = size - 1",
        "message_edits": "UPDATE message_edits SET content = 'Hallo' WHERE version = 0",
        "marker_moves": "DELETE FROM marker_moves WHERE kind = 'read'",
    }
    log = a_correct_history()
    await scene.append(log)
    await scene.project(log)
    for statement in tampering.values():
        assert (await scene.database.execute(statement)).endswith(" 1")

    report = await scene.verified()

    assert report.found == {"row": len(tampering)}
    assert {each.place.split(" ")[0] for each in report.first} == tampering.keys()


async def test_checkpoints_that_were_tampered_with_are_found_out(scene: Scene) -> None:
    log = a_correct_history()
    await scene.append(log)
    await scene.project(log)
    await scene.database.execute("UPDATE checkpoints SET claim_epoch = 7 WHERE topic LIKE '%users' AND partition = 0")
    await scene.database.execute(
        "UPDATE checkpoints SET last_record = '\\x00' WHERE topic LIKE '%users' AND partition = 1"
    )
    await scene.database.execute(
        "UPDATE checkpoints SET next_offset = 1000 WHERE topic LIKE '%conversations' AND partition = 0"
    )

    report = await scene.verified()

    assert report.found == {"checkpoint": 3}


async def test_a_log_that_was_tampered_with_is_found_out(scene: Scene) -> None:
    def append_twice(log: HandmadeLog) -> None:
        entries, i = log.find("message.read")
        entries.insert(i + 1, entries[i])

    await scene.append(a_correct_history().tampered(append_twice))

    report = await scene.verified()

    assert set(report.found) == {"command", "version"}


async def test_a_parked_stream_is_left_out_and_told_of(scene: Scene) -> None:
    log = a_correct_history()
    await scene.append(log)
    await scene.project(log)
    await scene.database.execute(
        "INSERT INTO parked_streams (stream_id, topic, partition, first_offset, reason) VALUES ($1, '', 0, 0, '')", ROOM
    )
    await scene.database.execute("DELETE FROM messages WHERE conversation_id::text = $1", ROOM)

    report = await scene.verified()

    assert report.first == []
    assert report.notices == ["parked streams, which wait for an operator and were left out: 1"]


async def test_the_command_says_what_was_found_and_ends_with_status_1(scene: Scene) -> None:
    await scene.append(a_correct_history())
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": scene.settings.kafka_bootstrap_servers,
        "DATABASE_URL": scene.settings.database_url,
        "TOPIC_PREFIX": scene.settings.topic_prefix,
    }

    clean = await asyncio.to_thread(CliRunner().invoke, verify, ["--json"], env=environment)
    await scene.append(a_correct_history())
    broken = await asyncio.to_thread(CliRunner().invoke, verify, [], env=environment)
    unreachable = await asyncio.to_thread(
        CliRunner().invoke, verify, [], env={**environment, "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    )

    assert clean.exit_code == 0
    assert json.loads(clean.stdout)["clean"] is True
    assert broken.exit_code == 1
    assert "FOUND claim: " in broken.stdout
    assert unreachable.exit_code == 2
    assert "could not be checked" in unreachable.stderr
