"""What the pages say of the sources is so: the files that they name are there, and what they quote stands there."""

import re

import pytest

from tests.house_rules.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = ROOT / "docs" / "decisions"
NAMED = re.compile(r"`((?:benchmarks|deploy|docs|migrations|services|shared|tests)/[\w./-]*)`|\]\(([\w./-]+)\)")


def blocks_of(language: str) -> list[str]:
    """What stands in the README in a language, to be read or pasted."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_every_file_that_the_readme_names_is_there() -> None:
    named = {first or second for first, second in NAMED.findall(README)}

    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("quoted", blocks_of("python"))
def test_what_the_readme_quotes_stands_in_the_file_that_it_names(quoted: str) -> None:
    before = README[: README.index(quoted)]
    named = re.findall(r"`(services/[\w/]+\.py)`", before)[-1]
    source = (ROOT / named).read_text(encoding="utf-8")

    assert [each for each in quoted.strip().split("\n\n\n") if each not in source] == []


def test_what_is_pasted_has_no_comments_which_zsh_takes_for_commands() -> None:
    pasted = [line for block in blocks_of("sh") for line in block.splitlines()]

    assert len(pasted) > 20
    assert [line for line in pasted if re.search(r"(^|\s)#", line)] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    decisions = sorted(file.name for file in DECISIONS.glob("[0-9]*.md"))

    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == decisions
