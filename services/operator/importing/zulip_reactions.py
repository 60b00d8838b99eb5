"""Zulip's reactions, where an archive keeps them: codes of emoji, which are Verbatim's kinds if they say the same."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from services.operator.importing.reacting import Reacted

KINDS = {
    "1f44d": "like",
    "2764": "love",
    "1f602": "haha",
    "1f606": "haha",
    "1f923": "haha",
    "1f62e": "wow",
    "1f632": "wow",
    "1f622": "sad",
    "1f62d": "sad",
    "1f64f": "pray",
}


class Person(msgspec.Struct, frozen=True):
    """Who reacted."""

    id: int | None = None
    full_name: str = ""


class Reaction(msgspec.Struct, frozen=True):
    """A reaction. An emoji of the organisation's own has a code too, which is no character's.

    `user_id` is what newer servers have; some have it alone.
    """

    emoji_name: str
    emoji_code: str
    user: Person = Person()
    user_id: int | None = None
    reaction_type: str = "unicode_emoji"

    @property
    def number(self) -> str:
        """The id of who reacted; empty if it is not there."""
        number = self.user_id if self.user.id is None else self.user.id
        return "" if number is None else str(number)

    @property
    def kind(self) -> str | None:
        """What it is here, if it is anything."""
        return KINDS.get(self.emoji_code) if self.reaction_type == "unicode_emoji" else None


def reacted_in(reactions: Sequence[Any], *, by_name: bool) -> Iterator[Reacted | None]:
    """Who reacted to a message, and how; None for what cannot be understood. `by_name`: names are ids."""
    for each in reactions:
        try:
            reaction = msgspec.convert(each, Reaction)
        except msgspec.ValidationError:
            yield None
            continue
        name = reaction.user.full_name
        id_ = name if by_name else reaction.number
        yield Reacted(id_, name or id_, f":{reaction.emoji_name}:", reaction.kind) if id_ else None
