"""`.env.example` is the list of settings."""

import re
from dataclasses import fields
from pathlib import Path

from shared.settings import Settings, read_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SETTING = re.compile(r"^# ([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


def test_the_example_lists_every_setting_once_and_no_other() -> None:
    listed = [name for name, _ in SETTING.findall(EXAMPLE.read_text())]

    assert listed == [field.name.upper() for field in fields(Settings)]


def test_the_example_gives_the_defaults() -> None:
    given = dict(SETTING.findall(EXAMPLE.read_text()))

    assert read_settings(given) == Settings()
    assert given == {field.name.upper(): _as_written(getattr(Settings(), field.name)) for field in fields(Settings)}


def test_each_setting_in_the_example_is_explained_and_none_is_set() -> None:
    lines = EXAMPLE.read_text().splitlines()

    for number, line in enumerate(lines):
        assert not line or line.startswith("# ")
        if SETTING.match(line):
            assert not SETTING.match(lines[number - 1])
            assert lines[number - 1].startswith("# ")


def _as_written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
