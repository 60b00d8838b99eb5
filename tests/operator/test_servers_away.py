"""Without its servers, each command says in one line which one is away and which setting names it."""

import pytest

from tests.operator.command_line import NOTHING_IS_HERE, one_line, typed

NO_KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": NOTHING_IS_HERE}
NO_POSTGRES = {"DATABASE_URL": f"postgresql://somebody:canary@{NOTHING_IS_HERE}/verbatim"}


@pytest.mark.parametrize("words", ["topics", "replay", "decisions rebuild", "projections rebuild"])
def test_without_kafka_a_command_names_it_and_its_setting(words: str) -> None:
    line = one_line(typed(NO_KAFKA, *words.split()))

    assert f"Kafka at {NOTHING_IS_HERE} cannot be used" in line
    assert "correct KAFKA_BOOTSTRAP_SERVERS" in line


@pytest.mark.parametrize(
    "words",
    [
        "migrate",
        "claim gitter 17 --email ada@example.com",
        "parked list",
        "parked release",
        "projections status",
        "projections switch",
        "expirations",
    ],
)
def test_without_postgres_a_command_says_so_and_keeps_the_password(words: str) -> None:
    line = one_line(typed(NO_POSTGRES, *words.split(), given="Correct1horse\n"))

    assert "Postgres cannot be used" in line
    assert "correct DATABASE_URL" in line
    assert "canary" not in line


def test_what_cannot_be_verified_has_an_exit_status_of_its_own() -> None:
    line = one_line(typed(NO_KAFKA, "verify", "--log-only"), status=2)

    assert f"it could not be checked: Kafka at {NOTHING_IS_HERE} cannot be used" in line


def test_a_wrong_setting_is_named_by_every_command() -> None:
    assert "the setting PARTITIONS is 'many'" in one_line(typed({"PARTITIONS": "many"}, "topics"))
    assert "the setting PARTITIONS is 'many'" in one_line(typed({"PARTITIONS": "many"}, "verify"), status=2)


def test_a_partition_that_is_not_there_is_refused_with_those_that_are() -> None:
    line = one_line(typed({"PARTITIONS": "2"}, "decisions", "rebuild", "--partition", "2"))

    assert "there is no partition 2: they are 0 to 1" in line
