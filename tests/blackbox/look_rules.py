"""R2: a reader never goes back, nor behind their `Min-Position`, and sees nothing but what is in the log."""

from collections.abc import Iterator

from tests.blackbox.finding import Finding
from tests.blackbox.history import History, Look
from tests.blackbox.recorded import RecordedLog


def readers_never_go_back(history: History, log: RecordedLog) -> Iterator[Finding]:
    """For each look that was answered, in the order of each reader."""
    said = _said(log)
    newest: dict[tuple[int, str], int] = {}
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


def _said(log: RecordedLog) -> dict[tuple[str, int], tuple[str, str | None]]:
    """The id and the content of each message by its conversation and seq; the content of a notice is the reader's."""
    said: dict[tuple[str, int], tuple[str, str | None]] = {}
    for entry in log.entries():
        if entry.type == "message.sent":
            said[entry.stream, entry.data["seq"]] = (entry.command, entry.data["content"])
        elif entry.type == "message.system_sent":
            said[entry.stream, entry.data["seq"]] = (entry.data["message_id"], None)
    return said


def _wrong_messages(look: Look, said: dict[tuple[str, int], tuple[str, str | None]]) -> Iterator[Finding]:
    seqs = [seq for seq, _, _ in look.messages]
    if seqs and seqs != list(range(seqs[0], seqs[0] - len(seqs), -1)):
        yield Finding("R2", look.conversation_id, f"a reader saw {seqs}")
    for seq, message, content in look.messages:
        recorded = said.get((look.conversation_id, seq))
        if recorded is None or recorded[0] != message or recorded[1] not in (None, content):
            yield Finding("R2", look.conversation_id, f"a reader saw a message {seq} that is not in the log so")
