"""Without its servers, each command says in one line which one is away and which setting names it."""

import socket
import time
from collections.abc import Iterator

import pytest

from services.operator.reaching import CannotDoError, kafka_trouble, using_postgres
from shared.settings import Settings
from tests.operator.command_line import NOTHING_IS_HERE, NOTHING_RUNS, one_line, typed

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


@pytest.fixture
def nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs here, and no setting names a server."""
    for name in (*NO_KAFKA, *NO_POSTGRES):
        monkeypatch.delenv(name, raising=False)
    for name, value in NOTHING_RUNS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("nothing_is_named")
def test_where_nothing_runs_and_nothing_is_named_it_says_to_start_it() -> None:
    with pytest.raises(CannotDoError) as postgres, using_postgres():
        raise ConnectionRefusedError("refused")
    for line in (kafka_trouble(Settings(), OSError()), postgres.value.message):
        assert line.startswith("nothing runs on ")
        assert f"{NOTHING_RUNS['VERBATIM_VAR']}, and " in line
        assert ": start `make run`, or name a server of your own with " in line


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield "127.0.0.1:{1}".format(*silent.getsockname())


@pytest.mark.parametrize("words", ["migrate", "claim gitter 17 --email ada@example.com", "projections status"])
def test_a_postgres_that_says_nothing_is_given_up_soon(
    silent_server: str, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    for where in ("migrations.apply", "services.projector.rebuilding"):
        monkeypatch.setattr(f"{where}.CONNECT_SECONDS", 2)
    began = time.monotonic()

    line = one_line(typed({"DATABASE_URL": f"postgresql://{silent_server}/x"}, *words.split(), given="Correct1horse\n"))

    assert "Postgres cannot be used" in line
    assert time.monotonic() - began < 20


def test_what_cannot_be_verified_has_an_exit_status_of_its_own() -> None:
    line = one_line(typed(NO_KAFKA, "verify", "--log-only"), status=2)

    assert f"it could not be checked: Kafka at {NOTHING_IS_HERE} cannot be used" in line


def test_a_wrong_setting_is_named_by_every_command() -> None:
    assert "the setting PARTITIONS is 'many'" in one_line(typed({"PARTITIONS": "many"}, "topics"))
    assert "the setting PARTITIONS is 'many'" in one_line(typed({"PARTITIONS": "many"}, "verify"), status=2)


def test_a_partition_that_is_not_there_is_refused_with_those_that_are() -> None:
    line = one_line(typed({"PARTITIONS": "2"}, "decisions", "rebuild", "--partition", "2"))

    assert "there is no partition 2: they are 0 to 1" in line
