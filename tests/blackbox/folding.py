"""The log, folded a second, naive way into what the tables that clients fill must hold: one event after the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.blackbox.folding_conversations import fold_conversation, fold_request
from tests.blackbox.folding_messages import fold_message
from tests.blackbox.folding_people import fold_bookmark, fold_file, fold_status, fold_user
from tests.blackbox.recorded import Entry
from tests.blackbox.tables import OF_ONE_CONVERSATION, Tables, no_rows

FOLDED: Mapping[str, Callable[[Tables, Entry], None]] = {
    "conversation": fold_conversation,
    "message_request": fold_request,
    "message": fold_message,
    "user": fold_user,
    "status": fold_status,
    "file": fold_file,
    "bookmark": fold_bookmark,
}
"""By the subject of the event. One of another subject is nothing that clients here can have asked for."""


@dataclass(slots=True)
class Fold:
    """The tables after the events so far. What was deleted stays until `finish`: nothing happens to it any more."""

    tables: Tables = field(default_factory=no_rows)
    deleted: set[str] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        """One more event of a partition."""
        FOLDED[entry.type.split(".")[0]](self.tables, entry)
        if entry.type == "conversation.deleted":
            self.deleted.add(entry.stream)

    def finish(self) -> Tables:
        """The tables, without what was in conversations that are deleted."""
        for name in OF_ONE_CONVERSATION:
            for key in [key for key in self.tables[name] if key.split(" ")[0] in self.deleted]:
                del self.tables[name][key]
        return self.tables
