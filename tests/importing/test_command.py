"""`verbatim import` before anything is sent: what keeps it from beginning is one line, at once."""

from pathlib import Path

import pytest

from tests.operator.command_line import one_line, typed

SAMPLE = str(Path(__file__).parents[1] / "samples" / "gitter")
ZULIP = str(Path(__file__).parents[1] / "samples" / "zulip")
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def operator_token(tmp_path: Path) -> dict[str, str]:
    """The environment of an operator."""
    file = tmp_path / "operator.token"
    file.write_text("a-token\n")
    return {"OPERATOR_TOKEN_FILE": str(file), "COMMAND_URL": "", "COMMAND_PORT": "1"}


def test_a_file_without_a_single_message_is_an_error_that_says_why(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.tsv"
    garbage.write_bytes(bytes(range(1, 200)) * 10)

    line = one_line(typed({}, "import", "gitter", str(garbage)))

    assert "no message in it could be read" in line
    assert "garbage.tsv:1:" in line


def test_a_file_of_nothing_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty.tsv"
    empty.touch()

    assert "no message in it" in one_line(typed({}, "import", "gitter", str(empty)))


def test_a_folder_that_is_no_archive_is_an_error(tmp_path: Path) -> None:
    assert "has no file that is called DATE" in one_line(typed({}, "import", "irc", str(tmp_path)))


@pytest.mark.parametrize("word", ["Light House", "lighthouse/1", "x" * 31])
def test_what_is_no_word_for_an_organisation_is_an_error(word: str) -> None:
    done = typed({}, "import", "zulip", ZULIP, "--organisation", word)

    assert (done.exit_code, "up to 30 small letters, digits and hyphens" in done.stderr) == (2, True)


def test_without_the_operators_token_it_says_where_that_comes_from(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")

    line = one_line(typed({}, "import", "gitter", SAMPLE, "--token-file", nowhere))

    assert f"the operator's token cannot be read from {nowhere}: start `make run`" in line


def test_where_nothing_runs_it_says_so_at_once(operator_token: dict[str, str]) -> None:
    line = one_line(typed(operator_token, "import", "gitter", SAMPLE))

    assert f"a-folder-that-is-not-there, and {NOBODY} does not answer (Connection refused): start `make run`" in line


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (NOBODY, "Connection refused"),
        (f"{NOBODY}/", "Connection refused"),
        ("nonsense", "no URL like http://127.0.0.1:8080"),
        ("localhost:1", "no URL like http://127.0.0.1:8080"),
    ],
)
def test_a_url_at_which_nobody_is_is_named_at_once(operator_token: dict[str, str], url: str, why: str) -> None:
    line = one_line(typed(operator_token, "import", "gitter", SAMPLE, "--url", url))

    assert f"{url.rstrip('/')} does not answer ({why})" in line
    assert line.endswith("or correct --url")
