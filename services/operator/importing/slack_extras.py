"""What goes with an entry of Slack's besides its text: files, reactions, previews, and what of them is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.operator.importing import attaching, reacting
from services.operator.importing.archives import Attachment, Reaction
from services.operator.importing.slack_entries import Entry
from services.operator.importing.slack_files import attachments_in
from services.operator.importing.slack_reactions import reacted_in

COMMENTED_ON = ("file", "commented-on", "it goes with the message that shared it, and this is a comment on it")
PREVIEW = ("preview", "previews", "Slack's own preview of something that the text names")


@dataclass(frozen=True, slots=True)
class Extras:
    """What is taken, and the rest: its kind in a report, a code and the reason, once for each."""

    attachments: tuple[Attachment, ...]
    reactions: tuple[Reaction, ...]
    left_out: tuple[tuple[str, str, str], ...]


def extras_of(entry: Entry, people: Mapping[str, str]) -> Extras:
    """What goes with something that somebody said. `people`: names by id."""
    reacted = list(reacted_in(entry.reactions, people))
    files = [] if entry.subtype == "file_comment" else list(attachments_in(entry.all_files))
    taken = attaching.taken_of([file for file in files if file is not None])
    return Extras(
        taken,
        reacting.taken_of(reacted),
        (
            *_files_left_out(entry, files, taken),
            *reacting.not_taken_of(reacted),
            *[reacting.NOBODYS] * sum(each.unnamed for each in entry.reactions),
            *[PREVIEW] * len(entry.attachments),
        ),
    )


def _files_left_out(
    entry: Entry, files: list[Attachment | None], taken: tuple[Attachment, ...]
) -> Iterator[tuple[str, str, str]]:
    if entry.subtype == "file_comment":
        yield from [COMMENTED_ON] * len(entry.all_files)
    yield from [attaching.WITHOUT_ADDRESS] * files.count(None)
    yield from [attaching.ONE_TOO_MANY] * (len(files) - files.count(None) - len(taken))


def extras_of_nothing(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """What goes with an entry that is not taken, none of which is."""
    yield from [attaching.TO_NOTHING] * len(entry.all_files)
    yield from [reacting.TO_NOTHING] * sum(len(each.users) + each.unnamed for each in entry.reactions)
    yield from [PREVIEW] * len(entry.attachments)
