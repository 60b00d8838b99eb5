"""`verbatim import` before anything is sent."""

from pathlib import Path

from click.testing import CliRunner

from services.operator.importing.command import importing


def test_a_file_without_a_single_message_is_an_error_that_says_why(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.tsv"
    garbage.write_bytes(bytes(range(1, 200)) * 10)

    done = CliRunner().invoke(importing, ["gitter", str(garbage)])

    assert done.exit_code == 1
    assert "no message in it could be read" in done.output
    assert "garbage.tsv:1:" in done.output


def test_a_file_of_nothing_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty.tsv"
    empty.touch()

    done = CliRunner().invoke(importing, ["gitter", str(empty)])

    assert (done.exit_code, "no message in it" in done.output) == (1, True)
