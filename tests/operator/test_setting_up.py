"""`verbatim migrate`, `topics` and `doctor`: what has to be there is made, checked, and said."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.identifiers import StreamKind
from shared.log.presence import presence_partition
from shared.settings import Settings
from tests.operator.command_line import NOTHING_IS_HERE, one_line, typed, typed_beside


@pytest.fixture
def bare_settings(kafka_bootstrap: str, empty_database_url: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """Servers on which nothing has been made."""
    return Settings(
        kafka_bootstrap_servers=kafka_bootstrap,
        database_url=empty_database_url,
        topic_prefix=topic_prefix,
        partitions=2,
        files_directory=tmp_path / "files",
    )


async def make_topic(settings: Settings, configuration: dict[str, str], name: str | None = None) -> None:
    """Makes a topic by hand: the one of users, where no name is given."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    topic = NewTopic(name or settings.topic(StreamKind.USERS), settings.partitions, 1, topic_configs=configuration)
    await admin.create_topics([topic])
    await admin.close()


async def configured(settings: Settings, topic: str) -> dict[str, str]:
    """How a topic is configured."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    return {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}


async def test_on_bare_servers_the_doctor_says_what_to_run_and_is_content_when_it_was_run(
    bare_settings: Settings,
) -> None:
    before = await typed_beside(bare_settings, "doctor")
    made = [await typed_beside(bare_settings, command) for command in ("topics", "migrate")]
    after = await typed_beside(bare_settings, "doctor")

    complaints = [line for line in before.stdout.splitlines() if line.startswith("NO")]
    assert before.exit_code == 1
    assert any(line.split()[1] == "Kafka" and line.endswith("run verbatim topics") for line in complaints)
    assert any(line.split()[1] == "Postgres" and line.endswith("run verbatim migrate") for line in complaints)
    assert [each.exit_code for each in made] == [0, 0]
    well = [line.split()[1] for line in after.stdout.splitlines() if line.startswith("ok")]
    assert {"Kafka", "Postgres", "files"} <= set(well), after.stdout


async def test_what_is_there_already_is_left_as_it_is(bare_settings: Settings) -> None:
    for command in ("topics", "migrate"):
        first, second = [await typed_beside(bare_settings, command) for _ in range(2)]

        assert (second.exit_code, second.stdout) == (0, first.stdout)
        assert second.stderr == ""


async def test_the_topic_of_presence_keeps_the_last_record_of_each_key_and_none_that_is_new_is_lost(
    bare_settings: Settings,
) -> None:
    await typed_beside(bare_settings, "topics")

    configuration = await configured(bare_settings, presence_partition(bare_settings).topic)

    assert configuration["cleanup.policy"] == "compact"
    hour, day = 3_600_000, 86_400_000
    lags = ("min.compaction.lag.ms", "max.compaction.lag.ms", "delete.retention.ms")
    assert [int(configuration[each]) for each in lags] == [hour, day, 7 * day]


async def test_a_topic_of_presence_that_would_forget_users_is_not_taken(bare_settings: Settings) -> None:
    topic = presence_partition(bare_settings).topic
    await make_topic(bare_settings, {"cleanup.policy": "delete"}, topic)

    line = one_line(await typed_beside(bare_settings, "topics"))

    assert f"{topic} has cleanup.policy=delete" in line
    assert "set it to compact" in line


async def test_where_files_cannot_be_kept_the_doctor_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    in_a_file = Settings(files_directory=tmp_path / "file" / "files")
    nowhere = Settings(
        files_directory=tmp_path,
        files_bucket="contents",
        files_bucket_endpoint=f"http://{NOTHING_IS_HERE}",
        files_bucket_key_id="key",
        files_bucket_secret="secret",
    )

    said = [(await typed_beside(settings, "doctor")).stdout.splitlines() for settings in (in_a_file, nowhere)]

    complaints = [next(line for line in lines if line.split()[1] == "files") for lines in said]
    assert all(line.startswith("NO") for line in complaints)
    assert ["FILES_DIRECTORY" in complaints[0], "FILES_BUCKET" in complaints[1]] == [True, True]
    assert "secret" not in complaints[1]


async def test_another_number_of_partitions_is_refused(bare_settings: Settings) -> None:
    await typed_beside(bare_settings, "topics")

    line = one_line(await typed_beside(replace(bare_settings, partitions=3), "topics"))

    assert "(2, and not 3)" in line
    assert "Set PARTITIONS=2" in line


async def test_a_topic_that_would_lose_records_is_refused(bare_settings: Settings) -> None:
    await make_topic(bare_settings, {"retention.ms": "86400000"})

    line = one_line(await typed_beside(bare_settings, "topics"))

    assert "has retention.ms=86400000 and would lose records: set it to -1" in line


@pytest.mark.parametrize("words", ["parked list", "expirations", "projections status"])
def test_before_the_migrations_a_command_says_to_run_them(empty_database_url: str, words: str) -> None:
    assert one_line(typed({"DATABASE_URL": empty_database_url}, *words.split())).endswith("run verbatim migrate")
