"""What is taken of the reactions to a message: those of which Verbatim has the kind, and of each person's the last."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.operator.importing.archives import Reaction

TO_NOTHING = ("reaction", "reaction-to-nothing", "what it reacts to is not imported")
NOBODYS = ("reaction", "nobodys-reaction", "it does not say who reacted, or how")
NOT_THE_LAST = ("reaction", "not-the-last", "a person reacts to a message in one way, and a later one is there")


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction as an archive has it: `emoji` is what it is called there, `kind` what it is here, if anything."""

    sender_id: str
    sender_name: str
    emoji: str
    kind: str | None


def taken_of(reacted: Iterable[Reacted]) -> tuple[Reaction, ...]:
    """The reactions to a message that are taken, of those in an archive's order."""
    last = {each.sender_id: Reaction(each.sender_id, each.sender_name, each.kind) for each in reacted if each.kind}
    return tuple(last.values())


def not_taken_of(reacted: Sequence[Reacted]) -> Iterator[tuple[str, str, str]]:
    """Those that are not: their kind in a report, a code and the reason, once for each."""
    for each in reacted:
        if each.kind is None:
            yield "reaction", "no-such-reaction", f"no reaction here says what {each.emoji} says"
    people = [each.sender_id for each in reacted if each.kind]
    for _ in range(len(people) - len(set(people))):
        yield NOT_THE_LAST
