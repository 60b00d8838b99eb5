"""R2: a reader never goes back, nor behind their `Min-Position`, and sees nothing but what is in the log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.blackbox.finding import Finding
from tests.blackbox.history import History, Look
from tests.blackbox.recorded import RecordedLog


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and each text that it has had, None once it was unsent; a notice has the reader's own text."""

    conversation_id: str
    seq: int
    texts: list[str | None] | None

    def add(self, text: str | None) -> None:
        """Another text takes the place of the last one."""
        if self.texts is not None:
            self.texts.append(text)

    def is_shown_as(self, conversation_id: str, seq: int, text: str | None) -> bool:
        """Whether it may be shown there in this way."""
        return (conversation_id, seq) == (self.conversation_id, self.seq) and (self.texts is None or text in self.texts)


def readers_never_go_back(history: History, log: RecordedLog) -> Iterator[Finding]:
    """For each look that was answered, in the order of each reader."""
    said = _said(log)
    newest: dict[tuple[int, str], int] = {}
    latest: dict[tuple[int, str], int] = {}
    for look in history.looks:
        if look.status != 200:
            continue
        place, top = (look.reader, look.conversation_id), look.messages[0][0] if look.messages else 0
        if top < newest.get(place, 0):
            yield Finding("R2", look.conversation_id, f"a reader went back from {newest[place]} to {top}")
        if top < look.least:
            yield Finding("R2", look.conversation_id, f"a reader was promised {look.least} and saw {top}")
        newest[place] = max(top, newest.get(place, 0))
        yield from _wrong_messages(look, said)
        yield from _older_texts(look, said, latest)


def _said(log: RecordedLog) -> dict[str, Said]:
    """Each message by its id."""
    said: dict[str, Said] = {}
    for entry in log.entries():
        if entry.type == "message.sent":
            said[entry.command] = Said(entry.stream, entry.data["seq"], [entry.data.get("content")])
        elif entry.type == "message.system_sent":
            said[entry.data["message_id"]] = Said(entry.stream, entry.data["seq"], None)
        elif entry.type == "message.edited":
            said[entry.data["message_id"]].add(entry.data["content"])
        elif entry.type == "message.unsent":
            said[entry.data["message_id"]].add(None)
    return said


def _wrong_messages(look: Look, said: Mapping[str, Said]) -> Iterator[Finding]:
    seqs = [seq for seq, _, _ in look.messages]
    if seqs and seqs != list(range(seqs[0], seqs[0] - len(seqs), -1)):
        yield Finding("R2", look.conversation_id, f"a reader saw {seqs}")
    for seq, message, content in look.messages:
        recorded = said.get(message)
        if recorded is None or not recorded.is_shown_as(look.conversation_id, seq, content):
            yield Finding("R2", look.conversation_id, f"a reader saw a message {seq} that is not in the log so")


def _older_texts(look: Look, said: Mapping[str, Said], latest: dict[tuple[int, str], int]) -> Iterator[Finding]:
    """What was edited or unsent is not shown as it was before, once it was shown."""
    for seq, message, content in look.messages:
        texts = said[message].texts if message in said else None
        if texts is None or content not in texts:
            continue
        place, shown = (look.reader, message), texts.index(content)
        if shown < latest.get(place, 0):
            yield Finding("R2", look.conversation_id, f"a reader saw an older text of message {seq} again")
        latest[place] = max(shown, latest.get(place, 0))
