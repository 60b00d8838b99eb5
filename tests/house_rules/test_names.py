"""Names tell the story, and no file knows the machine it was written on."""

import ast
import re

from tests.house_rules.sources import ROOT, modules, tracked_files, under

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common", "base"}
EMPTY_ENDINGS = ("Manager", "Helper", "Processor", "Utils")
PLACES_OF_ONE_MACHINE = re.compile(r"(?<![\w.~$}/-])/(?:home|root|Users|work|tmp|mnt)/[\w.-]+")
TEXT_FILES = {".py", ".md", ".toml", ".sql", ".json", ".yaml", ".yml", ".txt", ".sh", ".xml", ".example", ".lock", ""}


def test_no_module_has_an_empty_name() -> None:
    assert [name for name in modules() if EMPTY_WORDS & set(name.rpartition(".")[2].split("_"))] == []


def test_no_class_has_an_empty_name() -> None:
    classes = re.compile(r"^class (\w+)", re.MULTILINE)
    named = [(each.name, name) for each in modules().values() for name in classes.findall(each.path.read_text("utf-8"))]

    assert [(module, name) for module, name in named if name.endswith(EMPTY_ENDINGS)] == []


def test_every_module_opens_with_what_it_is_for() -> None:
    ours = under("deploy", "migrations", "services", "shared")

    assert [each.name for each in ours if not ast.get_docstring(each.tree)] == []


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked_files()
        if path.suffix in TEXT_FILES and path != ROOT / "tests" / "house_rules" / "test_names.py"
        for match in PLACES_OF_ONE_MACHINE.finditer(path.read_text("utf-8", errors="replace"))
    ]

    assert found == []


def test_nothing_is_left_to_do_without_saying_where() -> None:
    words = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\S*#\d)")
    here = ROOT / "tests" / "house_rules"

    assert [
        each.name
        for each in modules().values()
        if not each.path.is_relative_to(here) and words.search(each.path.read_text("utf-8"))
    ] == []
