"""What a service's OpenAPI document says that can be asked, and which of its parameters name something."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.services import ServiceName

METHODS = ("get", "head", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `access`: signed-in, operator, or anyone."""

    service: ServiceName
    method: str
    path: str
    path_parameters: tuple[str, ...]
    query_parameters: tuple[str, ...]
    body_types: tuple[str, ...]
    access: str
    successes: tuple[int, ...]

    @property
    def name(self) -> str:
        """As routes are named."""
        return f"{self.method} {self.path}"

    @property
    def changes_something(self) -> bool:
        """Whether it may do more than tell."""
        return self.method not in {"GET", "HEAD"}

    def filled(self, ids: Mapping[str, str]) -> str:
        """The path with these in the places of its parameters."""
        return self.path.format(**{name: ids[name] for name in self.path_parameters})


def operations_of(document: Mapping[str, Any], service: ServiceName) -> Iterator[Operation]:
    """Every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(service, method, path, item[method])


def _operation(service: ServiceName, method: str, path: str, said: Mapping[str, Any]) -> Operation:
    parameters = [(each["in"], each["name"]) for each in said["parameters"]]
    return Operation(
        service,
        method.upper(),
        path,
        tuple(name for place, name in parameters if place == "path"),
        tuple(name for place, name in parameters if place == "query"),
        tuple(said.get("requestBody", {}).get("content", ())),
        next((scheme for each in said["security"] for scheme in each), "anyone"),
        tuple(int(status) for status in said["responses"] if status.startswith("2")),
    )
