"""Slack's markup, made plain: links, people and channels stand in `<…>`, and the signs themselves are entities."""

import re
from collections.abc import Mapping

from services.operator.importing.links import link

MARKED = re.compile(r"<([^<>|\s][^<>|]*)(?:\|([^<>]*))?>|&(?:amp|lt|gt);")
ENTITY = re.compile(r"&(amp|lt|gt);")
CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
LABELLED_PERSON = re.compile(r"<@([^<>|]+)\|([^<>]+)>")


def plain(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """The text as somebody reads it. `people` and `channels`: names by id; what has none is called by its id."""

    def written_out(marked: re.Match[str]) -> str:
        target, label = marked[1], marked[2]
        if target is None:
            return _without_entities(marked[0])
        match target[:1]:
            case "@":
                return "@" + (_without_entities(label or "") or people.get(target[1:], target[1:]))
            case "#":
                return "#" + (_without_entities(label or "") or channels.get(target[1:], target[1:]))
            case "!":
                return _without_entities(label or target) if "^" in target else "@" + target[1:]
            case _:
                return link(_without_entities(target), _without_entities(label or ""))

    return MARKED.sub(written_out, text)


def labelled_people(text: str) -> Mapping[str, str]:
    """The names by which a text calls people, by their ids."""
    return {id_: _without_entities(name) for id_, name in LABELLED_PERSON.findall(text)}


def _without_entities(text: str) -> str:
    return ENTITY.sub(lambda entity: CHARACTERS[entity[1]], text)
