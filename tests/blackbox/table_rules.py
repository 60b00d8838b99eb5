"""R1: the tables are what a second, naive reading of the log comes to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncpg

from tests.blackbox.finding import Finding
from tests.blackbox.recorded import Entry, RecordedLog

Rows = dict[str, tuple[str | int | None, ...]]
COLUMNS = {
    "messages": "message_id::text, conversation_id::text, seq, sender_id::text, content, notice",
    "conversations": "conversation_id::text, title, last_seq",
    "user_statuses": "user_id::text, text, job_id",
    "bookmarks": "bookmark_id::text, user_id::text, target_id::text, note",
}


@dataclass(slots=True)
class Tables:
    """Rows by their keys, of the tables that clients fill."""

    messages: Rows = field(default_factory=dict)
    conversations: Rows = field(default_factory=dict)
    user_statuses: Rows = field(default_factory=dict)
    bookmarks: Rows = field(default_factory=dict)


async def read_tables(database_url: str, schema: str) -> Tables:
    """The tables as they are now."""
    tables = Tables()
    connection = await asyncpg.connect(database_url)
    try:
        for name, columns in COLUMNS.items():
            rows = await connection.fetch(f"SELECT {columns} FROM {schema}.{name}")
            getattr(tables, name).update({row[0]: tuple(row)[1:] for row in rows})
    finally:
        await connection.close()
    return tables


def tables_are_the_log(log: RecordedLog, tables: Tables) -> Iterator[Finding]:
    """Row by row."""
    folded = naively_folded(log)
    for name in COLUMNS:
        expected, found = getattr(folded, name), getattr(tables, name)
        for key in expected.keys() - found.keys():
            yield Finding("R1", f"{name} {key}", "the row is missing")
        for key in found.keys() - expected.keys():
            yield Finding("R1", f"{name} {key}", "there should be no such row")
        for key in expected.keys() & found.keys():
            if expected[key] != found[key]:
                yield Finding("R1", f"{name} {key}", f"it is {found[key]}, and should be {expected[key]}")


def naively_folded(log: RecordedLog) -> Tables:
    """One event after the other."""
    tables = Tables()
    for entry in log.entries():
        _fold(tables, entry)
    return tables


def _fold(tables: Tables, entry: Entry) -> None:
    data, stream = entry.data, entry.stream
    match entry.type:
        case "conversation.started":
            tables.conversations[stream] = (data.get("title"), 0)
        case "conversation.renamed":
            tables.conversations[stream] = (data["title"], tables.conversations[stream][1])
        case "message.sent":
            tables.messages[entry.command] = (stream, data["seq"], entry.actor, data["content"], None)
            tables.conversations[stream] = (tables.conversations[stream][0], data["seq"])
        case "message.system_sent":
            tables.messages[data["message_id"]] = (stream, data["seq"], entry.actor, None, data["notice"])
            tables.conversations[stream] = (tables.conversations[stream][0], data["seq"])
        case "status.set":
            tables.user_statuses[stream] = (data.get("text"), data.get("job_id"))
        case "status.cleared":
            tables.user_statuses.pop(stream, None)
        case "bookmark.toggled" if data["bookmarked"]:
            tables.bookmarks[data["bookmark_id"]] = (stream, data["target_id"], data.get("note"))
        case "bookmark.toggled":
            tables.bookmarks.pop(data["bookmark_id"], None)
        case _:
            pass  # people and their names, which no client changes here
