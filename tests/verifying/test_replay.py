"""`verbatim replay` and `verbatim export`: what counts is shown, as it was recorded, and what was asked for alone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result
from pyarrow.parquet import read_table

from services.operator.replay import export, replay
from shared.identifiers import StreamKind
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.verifying.handmade import ADA, PARTITIONS, ROOM, Entry, a_correct_history, named

Environment = dict[str, str]


@pytest.fixture
async def environment(kafka_bootstrap: str, topic_prefix: str) -> Environment:
    """Where a log lies that has one record of a zombie."""
    settings = Settings(
        kafka_bootstrap_servers=kafka_bootstrap,
        topic_prefix=topic_prefix,
        partitions=PARTITIONS,
        kafka_flush_each_append=False,
    )
    await ensure_topics(settings)
    log = a_correct_history()
    entries = log.places["users", 0]
    entries.append(Entry(entries[1].key, {**entries[1].envelope, "claim": "9-9", "id": f"{named('zombie')}.0"}))
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    for kind, partition in log.places:
        for record in log.records(kind, partition):
            topic = settings.topic(StreamKind(kind))
            await producer.send_and_wait(topic, record.value, record.key, partition, headers=[*record.headers])
    await producer.stop()
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap, "TOPIC_PREFIX": topic_prefix}


async def ran(command: Any, words: list[str], environment: Environment) -> Result:
    """The command as the command line runs it."""
    return await asyncio.to_thread(CliRunner().invoke, command, words, env=environment)


async def replayed(environment: Environment, *words: str) -> list[dict[str, Any]]:
    """What it prints."""
    result = await ran(replay, list(words), environment)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


async def test_everything_that_counts_is_shown_and_nothing_else(environment: Environment) -> None:
    lines = await replayed(environment)

    assert len(lines) == 63
    assert all(line["event"]["type"] != "verbatim.partition.claimed.v1" for line in lines)
    assert named("zombie") not in json.dumps(lines)
    places = [(line["topic"], line["partition"], line["offset"]) for line in lines]
    assert len(set(places)) == 63


async def test_claims_and_void_records_are_shown_to_whoever_asks(environment: Environment) -> None:
    lines = await replayed(environment, "--void")

    assert len(lines) == 69
    assert sum(line.get("counts") is False for line in lines) == 6


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["--topic", "users"], 25),
        (["--stream", ROOM], 21),
        (["--stream", ROOM.upper()], 21),
        (["--type", "message.sent"], 7),
        (["--type", "verbatim.message.sent.v1", "--type", "message.read"], 8),
        (["--stream", ADA, "--type", "status.set"], 1),
        (["--from-time", "2026-03-02T12:00:04Z", "--until-time", "2026-03-02T12:00:06Z"], 2),
        (["--until-offset", "2"], 4),
        (["--from-offset", "1000"], 0),
    ],
)
async def test_what_was_asked_for_alone_is_shown(environment: Environment, words: list[str], number: int) -> None:
    assert len(await replayed(environment, *words)) == number


async def test_an_export_never_overwrites_a_file(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"

    first = await ran(export, [str(file)], environment)
    second = await ran(export, [str(file)], environment)

    assert first.exit_code == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) == 63
    assert second.exit_code == 1
    assert "is there already" in second.stderr


async def test_an_export_to_parquet_has_what_one_to_json_lines_has(environment: Environment, tmp_path: Path) -> None:
    table = tmp_path / "log.parquet"
    lines = await replayed(environment, "--void")

    done = await ran(export, [str(table), "--void", "--json"], environment)

    assert json.loads(done.stdout) == {"path": str(table), "records": len(lines)}
    rows = read_table(table).to_pylist()
    assert [[row[name] for name in ("topic", "partition", "offset", "counts", "type", "subject")] for row in rows] == [
        [*[line[name] for name in ("topic", "partition", "offset")], line.get("counts", True)]
        + [line["event"].get(name) for name in ("type", "subject")]
        for line in lines
    ]
    assert [json.loads(row["data"]) for row in rows] == [line["event"]["data"] for line in lines]


async def test_a_file_may_be_of_a_form_that_its_name_does_not_say(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "log"

    await ran(export, [str(file), "--format", "parquet", "--type", "message.sent"], environment)

    assert read_table(file).num_rows == len(await replayed(environment, "--type", "message.sent"))
