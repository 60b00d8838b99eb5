"""A feature: its deciders and its routes, under the name of its folder."""

from dataclasses import dataclass

from services.command.deciding import Decider
from shared.web.routes import Route


@dataclass(frozen=True, slots=True)
class Feature:
    """What one folder under `features` adds to the command service."""

    name: str
    deciders: tuple[Decider, ...]
    routes: tuple[Route, ...]
