"""Who may know whom."""

import ast

import pytest

from tests.house_rules.sources import Module, imports_into, known_to, modules, under

DECIDERS = [each for each in under("services.command.features") if each.name.endswith(".decider")]
INPUT_AND_OUTPUT = (
    "asyncio",
    "aiohttp",
    "aiokafka",
    "asyncpg",
    "http",
    "os",
    "pathlib",
    "psycopg",
    "random",
    "secrets",
    "socket",
    "structlog",
    "time",
    "services.command.accounts",
    "services.command.asking",
    "services.command.dispatching",
    "services.command.writing",
    "shared.log",
    "shared.postgres",
    "shared.settings",
)
CLOCK_AND_CHANCE = {"now", "utcnow", "today", "uuid1", "uuid4", "random_key"}
ELSEWHERE = ("services.command.presence.presence",)
"""Who appends to a topic that is no log: that of presence."""
APPENDING = (
    "services.command.writing.appending",
    "aiokafka.AIOKafkaProducer",
    "aiokafka.producer",
    "aiokafka.protocol.produce",
    "aiokafka.record.default_records",
)


def test_the_services_never_know_each_other() -> None:
    command, projector = under("services.command"), under("services.projector")

    assert imports_into(command, "services.projector", "services.operator") == []
    assert imports_into(projector, "services.command", "services.operator") == []


def test_what_is_shared_knows_neither_service() -> None:
    assert imports_into(under("shared"), "services", "deploy", "migrations") == []


def test_nothing_that_runs_knows_the_tests() -> None:
    assert imports_into(under("deploy", "migrations", "services", "shared"), "tests", "benchmarks") == []


def test_there_are_deciders_to_look_at() -> None:
    assert len(DECIDERS) >= 5


@pytest.mark.parametrize("decider", DECIDERS, ids=lambda each: each.name)
def test_a_decider_knows_no_input_output_clock_or_chance(decider: Module) -> None:
    known = known_to(decider) | {decider.name}
    pure = [modules()[name] for name in known if name.startswith("services.command.features.")]

    assert imports_into(pure, *INPUT_AND_OUTPUT) == []
    assert [each.name for each in pure if _calls(each) & CLOCK_AND_CHANCE] == []


@pytest.mark.parametrize("decider", DECIDERS, ids=lambda each: each.name)
def test_a_decider_knows_only_deciding_events_identifiers_and_deciders(decider: Module) -> None:
    allowed = ("services.command.deciding", "services.command.features", "services.command", "services")
    shared = ("shared.events", "shared.identifiers", "shared.web.times", "shared.web", "shared")

    known = {name for name in known_to(decider) if name.startswith(("services", "shared"))}
    strangers = {
        name
        for name in known
        if name not in (*allowed, *shared) and not name.startswith(("services.command.features.", "shared.events."))
    }

    assert strangers == set()
    assert not any(name.endswith(".routes") for name in known)


def _calls(module: Module) -> set[str]:
    called = (node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in called}


def test_only_the_writers_append() -> None:
    others = [
        each
        for each in under("services", "shared", "deploy", "migrations")
        if not each.name.startswith("services.command.writing.") and each.name not in ELSEWHERE
    ]

    assert imports_into(others, *APPENDING) == []


def test_features_know_each_other_by_deciders_facts_and_forms_alone() -> None:
    strangers = [
        f"{each.name} → {name}"
        for each in under("services.command.features")
        for name in each.imports
        if name.startswith("services.command.features.")
        and name in modules()
        and name.split(".")[3] != each.name.split(".")[3]
        and name.endswith(".routes")
    ]

    assert strangers == []


def test_the_check_of_the_log_and_its_fold_know_nothing_of_what_they_check() -> None:
    checking = under("services.operator.verifying")
    strangers = {
        line
        for line in imports_into(checking, "services", "shared", "deploy", "migrations", "msgspec")
        if "→ services.operator.verifying" not in line
    }

    assert checking
    assert strangers == set()
