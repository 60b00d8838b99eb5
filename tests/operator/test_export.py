"""`verbatim export` and `replay`: a file is whole or not there, and what cannot be read is said."""

from pathlib import Path

import pytest

from shared.settings import Settings
from tests.operator.command_line import NOTHING_IS_HERE, environment_of, one_line, typed


def test_an_export_that_fails_leaves_no_file_and_may_be_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"

    line = one_line(typed({"KAFKA_BOOTSTRAP_SERVERS": NOTHING_IS_HERE}, "export", str(file)))

    assert "Kafka" in line
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "log.jsonl"

    assert f"{file} cannot be written (No such file or directory)" in one_line(typed({}, "export", str(file)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [("nonsense", "bookmark.note_changed, "), ("status.cleard", "status.cleared"), ("mesage.sent", "message.sent")],
)
def test_a_type_that_nothing_is_recorded_as_is_refused_with_what_may_be_meant(given: str, meant: str) -> None:
    line = one_line(typed({}, "replay", "--type", "message.sent", "--type", given))

    assert f"nothing is recorded as {given}. What is recorded: " in line
    assert meant in line


def test_what_can_be_no_id_of_a_stream_is_refused_instead_of_finding_nothing() -> None:
    done = typed({}, "replay", "--stream", "ada_1843")

    assert (done.exit_code, "'ada_1843' is not a valid UUID" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", ["replay", "export"])
def test_a_log_that_is_not_there_is_no_empty_log(kafka_bootstrap: str, tmp_path: Path, command: str) -> None:
    nowhere = Settings(kafka_bootstrap_servers=kafka_bootstrap, topic_prefix="misspelled.")
    words = ["replay"] if command == "replay" else ["export", str(tmp_path / "log.jsonl")]

    line = one_line(typed(environment_of(nowhere), *words))

    assert "there is no topic misspelled.chat.conversations: correct TOPIC_PREFIX" in line
    assert list(tmp_path.iterdir()) == []
