"""The page of the domain is complete and true: every event, rule, route, table and command is on it, and is there.

Its limits are those that are served.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pkgutil import resolve_name
from typing import Any, NamedTuple

import click
import pytest

from services.command import app as command_app
from services.command import outcomes
from services.command.app import FEATURES
from services.command.deciding import Refusal
from services.operator.__main__ import verbatim
from services.projector import app as query_app
from services.projector.questions import QUESTIONS
from shared.events.catalogue import EVENTS
from shared.settings import MORE_THAN_NOTHING, NOTHING_OR_MORE, Settings
from shared.web.openapi import described
from shared.web.problems import Problem
from tests.house_rules.sources import ROOT

PAGE = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"`([^`]+)`")
CREATED = re.compile(r"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
SCHEMAS = "accounts|decisions|expiration|read"

EVENTS_RECORDED = {event.__name__ for events in EVENTS.values() for event in events}
RULES = {rule.command.__name__ for feature in FEATURES for decider in feature.deciders for rule in decider.rules}
COMMANDS = [*(route for feature in FEATURES for route in feature.routes), *outcomes.ROUTES]
ROUTES = {route.name for route in (*COMMANDS, *QUESTIONS)}
LEAST = ("minLength", "minItems", "minimum")
MOST = ("maxLength", "maxItems", "maximum")
MET_BY_NOBODY = {"partitions", "replication_factor", "lease_seconds", "claim_hours", "database_pool_size"}
"""Settings that are the operator's alone: whoever asks never comes to their end."""


class Cell(NamedTuple):
    """What stands in a column of the page's tables, and beside what."""

    row: str
    text: str


class Limit(NamedTuple):
    """A limit on the page: what it is of, the numbers there, and where it is said to be said."""

    of: str
    least: int | None
    most: int
    said_in: str


def columns() -> dict[str, list[Cell]]:
    """The cells of all tables, by what stands above them."""
    found: dict[str, list[Cell]] = defaultdict(list)
    above: list[str] = []
    for line in PAGE.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            above = []
        elif not above:
            above = cells
        elif not line.startswith("|---"):
            for title, text in zip(above, cells, strict=True):
                found[title].append(Cell(cells[0], text))
    return found


COLUMNS = columns()


def named_in(column: str) -> set[str]:
    """What is named in a column."""
    return {name for cell in COLUMNS[column] for name in QUOTED.findall(cell.text)}


def created() -> set[str]:
    """Every table that the migrations make, with its schema."""
    return {
        f"{file.parent.name}.{table}"
        for file in (ROOT / "migrations").glob("*/*.sql")
        if not file.name.endswith(".rollback.sql")
        for table in CREATED.findall(file.read_text(encoding="utf-8"))
    }


def commands(group: click.Group, before: str) -> Iterator[str]:
    """Every command of the command line, as it is typed."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


def number(text: str) -> int | None:
    """A number as the page writes it."""
    return None if text == "—" else int(text.replace(",", ""))


def limits() -> list[Limit]:
    """All that the page tells."""
    columns = zip(COLUMNS["At least"], COLUMNS["At most"], COLUMNS["Said in"], strict=True)
    return [
        Limit(least.row, number(least.text), number(most.text) or 0, *QUOTED.findall(said_in.text))
        for least, most, said_in in columns
    ]


@cache
def documents() -> tuple[dict[str, Any], ...]:
    """What both services say of themselves."""
    return described(COMMANDS, command_app.ABOUT), described(QUESTIONS, query_app.ABOUT)


def schema_of(said_in: str) -> dict[str, Any]:
    """The schema of a parameter, `METHOD /path?name`, or of a field of a body, `Body.field`, without the null."""
    for document in documents():
        if "?" in said_in:
            method, path, name = re.split(r"[ ?]", said_in)
            operation = document["paths"].get(path, {}).get(method.lower(), {})
            found = [each["schema"] for each in operation.get("parameters", []) if each["name"] == name]
        else:
            body, _, field = said_in.partition(".")
            properties = document["components"]["schemas"].get(body, {}).get("properties", {})
            found = [properties[field]] if field in properties else []
        for schema in found:
            return next((each for each in schema.get("anyOf", []) if each.get("type") != "null"), schema)
    pytest.fail(f"{said_in} is in neither document")


def test_every_event_is_there_and_no_other() -> None:
    assert named_in("Events") == EVENTS_RECORDED


def test_every_rule_is_there_and_no_other() -> None:
    assert named_in("Rules") == RULES


def test_every_route_of_both_services_is_there_and_no_other() -> None:
    also = {name for cell in COLUMNS["Code"] for name in QUOTED.findall(cell.text) if name.startswith("GET ")}

    assert named_in("Routes") | also == ROUTES


def test_every_table_is_there_and_no_other() -> None:
    anywhere = {name for name in QUOTED.findall(PAGE) if re.fullmatch(rf"(?:{SCHEMAS})\.\w+", name)}

    assert len(created()) > 20
    assert anywhere == created()
    assert named_in("Tables") <= created()


def test_every_command_of_the_command_line_is_there_and_no_other() -> None:
    assert named_in("Commands") == set(commands(verbatim, "verbatim"))


@pytest.mark.parametrize("spec", sorted(named_in("Specs")))
def test_every_spec_that_is_named_is_there(spec: str) -> None:
    file, _, test = spec.partition("::")
    names = {
        node.name
        for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }

    assert names, f"{file} has no test"
    assert not test or test in names


@pytest.mark.parametrize("limit", limits(), ids=lambda limit: limit.of)
def test_every_limit_is_what_the_page_says(limit: Limit) -> None:
    if limit.said_in.startswith("Settings."):
        assert getattr(Settings(), limit.said_in.removeprefix("Settings.")) == (limit.most or limit.least)
    elif limit.said_in.startswith(("services.", "shared.")):
        assert resolve_name(limit.said_in) == limit.most
    else:
        schema = schema_of(limit.said_in)
        assert [schema[name] for name in MOST if name in schema] == [limit.most]
        assert limit.least in [*(schema[name] for name in LEAST if name in schema), None]


def test_every_limit_that_is_a_setting_is_there() -> None:
    told = {limit.said_in.removeprefix("Settings.") for limit in limits() if limit.said_in.startswith("Settings.")}

    assert {*MORE_THAN_NOTHING, *NOTHING_OR_MORE} - MET_BY_NOBODY <= told


def kinds_below(kind: type[Any]) -> Iterator[type[Any]]:
    """What is derived from it, near and far."""
    subclasses: list[type[Any]] = kind.__subclasses__()
    for each in subclasses:
        yield each
        yield from kinds_below(each)


def test_every_code_of_a_problem_is_there_with_its_one_status() -> None:
    kinds = [each for base in (Refusal, Problem) for each in kinds_below(base) if hasattr(each, "code")]
    served = {(kind.code, kind.status) for kind in kinds if kind.__module__.startswith(("services.", "shared."))}

    codes = [(code, int(cell.row)) for cell in COLUMNS["Code of the problem"] for code in QUOTED.findall(cell.text)]
    assert {*codes} == served
    assert len({code for code, _ in codes}) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code, _ in codes)


def answered(schema: object) -> Iterator[str]:
    """The names of the forms in a part of a document, directly and through one another."""
    for name in set(re.findall(r"#/components/schemas/(\w+)", str(schema))):
        yield name
        yield from (each for document in documents() for each in answered(document["components"]["schemas"].get(name)))


def test_every_form_of_answer_is_there_with_all_its_fields() -> None:
    fields = {
        form: {*document["components"]["schemas"][form]["properties"]}
        for document in documents()
        for path in document["paths"].values()
        for operation in path.values()
        for form in answered(operation["responses"])
        if form in document["components"]["schemas"]
    }
    lists = {form for form in fields if form.startswith("Listed_")}
    forms = [name for cell in COLUMNS["Answer"] for name in QUOTED.findall(cell.text)]
    told = dict(zip(forms, [{*QUOTED.findall(cell.text)} for cell in COLUMNS["Fields"]], strict=True))

    assert all(fields[form] == told["Listed"] for form in lists)
    assert {form: named for form, named in told.items() if form != "Listed"} == {
        form: named for form, named in fields.items() if form not in lists
    }


def test_everything_that_is_made_anew_is_answered_so() -> None:
    assert named_in("Created by") == {route.name for route in COMMANDS if route.creates}


def test_everything_that_is_done_has_specs() -> None:
    assert [cell.row for cell in COLUMNS["Specs"] if not QUOTED.findall(cell.text)] == []


def test_every_feature_has_its_specs_on_the_page() -> None:
    folders = {spec.partition("/")[0] for spec in named_in("Specs")}

    assert {feature.name for feature in FEATURES} <= folders


def test_all_code_that_is_named_is_there() -> None:
    files = {name for cell in COLUMNS["Code"] for name in QUOTED.findall(cell.text) if name.endswith(".py")}

    assert len(files) > 10
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []
