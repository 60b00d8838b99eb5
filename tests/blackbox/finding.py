"""What a checker found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be. `promise`: which one it breaks, by the name that the design gives it."""

    promise: str
    place: str
    what: str
