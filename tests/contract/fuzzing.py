"""Has schemathesis make requests of an OpenAPI document, and judge the answers of the running service."""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import msgspec
import schemathesis
from hypothesis import strategies
from schemathesis import Config, openapi
from schemathesis.engine import events, from_schema

from tests.contract.checks import CHECKS
from tests.contract.feeding import OFTEN, Feed, Values
from tests.contract.services import ServiceName, Services

for each in CHECKS:
    schemathesis.check(each)  # it knows of a check in no other way
EXAMPLES_OF_A_PATH = 2
OF_NOTHING = "6f1d5f3e-0f0c-4c0e-9a57-3b1f4e0a7c11"
"""An id that nothing has."""
LEAVES_FOR_GOOD = "DELETE /v1/me"
TWO_PATHS_IN_ONE = "POST /v1/bookmarks/toggle"
"""`/v1/bookmarks/{bookmark_id}` has this path too, and takes PATCH."""
OF_ANSWERS = {"responses": False}
"""What answers name is not asked about: else what can be done once only would be done to what all others want. Nor is
anything learned of them, so that each run of a seed asks the same."""
ABOUT_METHODS = ("unsupported_method", "allow_header_conformance")
ROOM, NOON = {"source": "contract", "conversation": "2"}, {"occurred_at": "2014-05-13T12:00:00Z"}
IMPORTED = (
    {"kind": "person", "source": "contract", "source_id": "1", "name": "Ada"},
    {"kind": "conversation", "source": "contract", "source_id": "2", "title": "A room", "started_by": "1", **NOON},
    {"kind": "message", "source_id": "3", "sender": "1", "content": "Hello", **ROOM, **NOON},
    {"kind": "reaction", "message": "3", "sender": "1", "reaction": "like", **ROOM, **NOON},
)
LINES = strategies.lists(
    strategies.sampled_from([msgspec.json.encode(each) for each in IMPORTED])
    | strategies.text(max_size=40).map(str.encode)
    | strategies.binary(max_size=40),
    max_size=6,
).map(b"\n".join)
openapi.media_type("application/x-ndjson", LINES)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many examples of each operation are made, of which seed, and for how long at most, in seconds."""

    examples: int
    seed: int = 1
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer that is not as it should be. `how`: a command that asks for it again."""

    operation: str
    check: str
    what: str
    how: str

    def __str__(self) -> str:
        """All of it."""
        return f"{self.operation} [{self.check}] {self.what}\n{self.how}"


@dataclass(slots=True)
class Outcome:
    """What came of a run: how many requests of each operation were answered, and with which statuses."""

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many requests were made."""
        return self.answered.total()

    def accepted(self, operation: str) -> int:
        """How many requests of this operation were answered with a success."""
        return sum(count for (name, status), count in self.answered.items() if name == operation and status < 300)

    def add(self, other: "Outcome") -> None:
        """Takes in what came of another run."""
        self.answered.update(other.answered)
        self.findings.update(other.findings)
        self.troubles += other.troubles


def fuzz(services: Services, service: ServiceName, document: Mapping[str, Any], feed: Feed, effort: Effort) -> Outcome:
    """Asks one service what its document allows, and what it does not. It blocks until that is done."""
    config = Config.from_dict(_config(services, service, document, feed, effort))
    schema = openapi.from_dict(_with_examples(document, feed), config=config)
    outcome = Outcome()
    for event in from_schema(schema).execute():
        _take_in(event, outcome)
    return outcome


def _with_examples(document: Mapping[str, Any], feed: Feed) -> dict[str, Any]:
    """The same document, with the real values of what is in paths, and one that is not, and whole bodies, as examples.

    Fields have none: where there are some, they would be taken in the place of what is at the limits.
    """
    copied = deepcopy(dict(document))
    for schema in copied["components"]["schemas"].values():
        for each in schema.get("properties", {}).values():
            each.pop("examples", None)
    for path, item in copied["paths"].items():
        for method, operation in item.items():
            name = f"{method.upper()} {path}"
            for parameter in operation["parameters"]:
                real = feed.values_of(name, f"{parameter['in']}.{parameter['name']}")
                if parameter["in"] == "path" and real:
                    shown = [*real[:EXAMPLES_OF_A_PATH], *([OF_NOTHING] if parameter["name"].endswith("_id") else [])]
                    parameter["examples"] = {str(value): {"value": value} for value in shown}
            for number, body in enumerate(feed.bodies.get(name, ())):
                kind = operation["requestBody"]["content"]["application/json"]
                kind.setdefault("examples", {})[str(number)] = {"value": body}
    return copied


def _take_in(event: events.EngineEvent, outcome: Outcome) -> None:
    if isinstance(event, events.ScenarioFinished):
        for case_id, interaction in event.recorder.interactions.items():
            label = event.recorder.cases[case_id].value.operation.label
            if interaction.response is None:
                outcome.troubles.append(f"{label}: no answer to {interaction.request.uri}")
            else:
                outcome.answered[label, interaction.response.status_code] += 1
        for found in _findings_of(event):
            outcome.findings.setdefault((found.operation, found.check, found.what), found)
    elif isinstance(event, events.NonFatalError):
        outcome.troubles.append(f"{event.label}: {event.info.title}: {event.info.message}")
    elif isinstance(event, events.FatalError):
        raise event.exception


def _findings_of(event: events.ScenarioFinished) -> Iterator[Finding]:
    for case_id, nodes in event.recorder.checks.items():
        label = event.recorder.cases[case_id].value.operation.label
        for node in nodes:
            if node.failure_info is not None:
                failure = node.failure_info.failure
                yield Finding(label, node.name, f"{failure.title}: {failure.message}", node.failure_info.code_sample)


def _config(
    services: Services, service: ServiceName, document: Mapping[str, Any], feed: Feed, effort: Effort
) -> dict[str, Any]:
    dictionaries: dict[str, Any] = {}
    schemes = {"signed-in": feed.me.token, "operator": services.operator_token}
    operations = [
        *(_for_operation(name, values, dictionaries) for name, values in feed.by_operation.items()),
        {"include-name": LEAVES_FOR_GOOD, "headers": {"Authorization": f"Bearer {feed.leaver.token}"}},
        {"include-name": TWO_PATHS_IN_ONE, "checks": {name: {"enabled": False} for name in ABOUT_METHODS}},
    ]
    return {
        "base-url": services.urls[service],
        "seed": effort.seed,
        **({"max-time": effort.seconds} if effort.seconds else {}),
        "suppress-health-check": ["all"],
        "warnings": False,
        "cache": {"enabled": False},
        "output": {"sanitization": {"enabled": False}},
        "auth": {"openapi": {name: {"bearer": schemes[name]} for name in _schemes_in(document)}},
        "generation": {"max-examples": effort.examples, "database": "none"},
        "checks": {"positive_data_acceptance": {"enabled": False}},
        "phases": {
            "stateful": {"enabled": False},
            "examples": {"extra-data-sources": OF_ANSWERS},
            "coverage": {"extra-data-sources": OF_ANSWERS},
            "fuzzing": {"extra-data-sources": OF_ANSWERS, "error-feedback": {"enabled": False}},
        },
        "parameters": _bound(feed.everywhere, "everywhere", dictionaries),
        "operations": [each for each in operations if _is_in(document, each["include-name"])],
        "dictionaries": dictionaries,
    }


def _schemes_in(document: Mapping[str, Any]) -> list[str]:
    said = [
        each for item in document["paths"].values() for operation in item.values() for each in operation["security"]
    ]
    return sorted({scheme for each in said for scheme in each})


def _is_in(document: Mapping[str, Any], name: str) -> bool:
    method, path = name.split(" ", 1)
    return method.lower() in document["paths"].get(path, {})


def _for_operation(name: str, values: Values, dictionaries: dict[str, Any]) -> dict[str, Any]:
    return {"include-name": name, "parameters": _bound(values, name, dictionaries)}


def _bound(values: Values, prefix: str, dictionaries: dict[str, Any]) -> dict[str, Any]:
    """Binds parameters to dictionaries, which it adds to the others."""
    bound = {}
    for parameter, real in values.items():
        name = f"{prefix} {parameter}"
        dictionaries[name] = {"values": list(real)}
        bound[parameter] = {"dictionary": name, "probability": OFTEN}
    return bound
