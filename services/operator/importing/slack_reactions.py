"""Slack's reactions: its names of emoji, which are Verbatim's kinds where they say the same."""

from collections.abc import Iterator, Mapping, Sequence

from services.operator.importing.reacting import Reacted
from services.operator.importing.slack_entries import Reactions

KINDS = {
    "+1": "like",
    "thumbsup": "like",
    "heart": "love",
    "joy": "haha",
    "laughing": "haha",
    "satisfied": "haha",
    "rolling_on_the_floor_laughing": "haha",
    "rofl": "haha",
    "open_mouth": "wow",
    "astonished": "wow",
    "cry": "sad",
    "sob": "sad",
    "pray": "pray",
}
SKIN_TONE = "::skin-tone-"


def reacted_in(reactions: Sequence[Reactions], people: Mapping[str, str]) -> Iterator[Reacted]:
    """Who reacted to an entry, and how, in the export's order. `people`: names by id. A tone of skin says nothing."""
    for each in reactions:
        kind = KINDS.get(each.name.partition(SKIN_TONE)[0])
        for user in each.users:
            yield Reacted(user, people.get(user, user), f":{each.name}:", kind)
