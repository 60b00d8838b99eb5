"""Whatever differs between the tables and the log is found in the row where it is."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from typing import Any

import pytest

from services.operator.verifying.comparing import compare
from services.operator.verifying.conversations_fold import CLAUSES, ConversationsFold
from services.operator.verifying.findings import Report
from services.operator.verifying.forms import FORMS
from services.operator.verifying.partition_rules import PartitionRules
from services.operator.verifying.people_fold import PeopleFold, Row, Rows
from services.operator.verifying.read_tables import TABLES, Key
from tests.verifying.handmade import (
    ADA,
    ASKED,
    BEN,
    CLEO,
    DAN,
    PAIR,
    PARTITIONS,
    POST,
    ROBOT,
    ROOM,
    TIDES,
    HandmadeLog,
    a_correct_history,
    named,
)

Tables = dict[str, Rows]


def folded(log: HandmadeLog) -> Tables:
    """Every table as the log has it."""
    folds: dict[str, PeopleFold | ConversationsFold] = {"users": PeopleFold(), "conversations": ConversationsFold()}
    report, commands = Report(), set[str]()
    for kind, partition in log.places:
        for fact in PartitionRules(kind, PARTITIONS, report, commands).facts(log.records(kind, partition)):
            folds[kind].fold(fact)
    for fold in folds.values():
        fold.finish()
    return {table.name: getattr(folds[kind], table.name) for kind, tables in TABLES.items() for table in tables}


async def compared(live: Tables, expected: Tables, parked: set[str] | None = None) -> Report:
    """What the comparison says of these tables."""
    report = Report()
    for tables in TABLES.values():
        for table in tables:
            rows = _streamed(live[table.name])
            await compare(table, rows, deepcopy(expected[table.name]), parked or set(), report)
    return report


async def _streamed(rows: Rows) -> AsyncIterator[tuple[Key, Row]]:
    for key, row in rows.items():
        yield key, dict(row)


def test_the_fold_says_what_each_person_sees() -> None:
    tables = folded(a_correct_history())

    assert {key[0]: row["display_name"] for key, row in tables["users"].items()} == {
        ADA: "Ada L.",
        BEN: "Ben",
        CLEO: "Cleo",
        DAN: "Deactivated user",
        ROBOT: "Robot",
    }
    assert tables["users"][BEN,]["avatar_url"] == "https://example.org/ben.png"
    assert set(tables["user_statuses"]) == {(BEN,), (CLEO,)}
    assert tables["user_statuses"][BEN,]["dnd_enabled"] is False
    assert tables["user_statuses"][CLEO,]["text"] == "Away"
    assert sorted(row["note"] or "" for row in tables["bookmarks"].values()) == ["", "", "keep"]
    assert tables["bookmarks"][named(f"{ADA} {TIDES}"),]["conversation_id"] is None


def test_the_fold_says_who_has_left_and_whose_an_agent_is() -> None:
    users = folded(a_correct_history())["users"]

    assert (users[DAN,]["kind"], users[DAN,]["avatar_url"], users[DAN,]["username"]) == ("deactivated", None, "dan")
    assert users[DAN,]["updated_at"] > users[DAN,]["registered_at"]
    assert (users[ROBOT,]["kind"], users[ROBOT,]["owner_id"]) == ("agent", ADA)
    assert [users[each,]["owner_id"] for each in (ADA, DAN)] == [None, None]


def test_the_fold_says_what_is_in_each_conversation() -> None:
    tables = folded(a_correct_history())

    assert tables["conversations"][ROOM,]["title"] == "The room"
    assert tables["conversations"][ROOM,]["last_seq"] == 5
    roles = {key: row["role"] for key, row in tables["participants"].items()}
    assert roles == {
        (ROOM, ADA): "owner",
        (ROOM, BEN): "admin",
        (PAIR, ADA): "member",
        (PAIR, BEN): "member",
        (ASKED, BEN): "member",
        (ASKED, CLEO): "member",
    }
    texts = {(row["conversation_id"], row["seq"]): row["content"] for row in tables["messages"].values()}
    assert texts == {
        (ROOM, 1): "Hello, all",
        (ROOM, 2): None,
        (ROOM, 3): None,
        (ROOM, 4): "",
        (ROOM, 5): None,
        (PAIR, 1): "Just us",
        (PAIR, 2): "",
        (PAIR, 3): "",
    }
    assert [row["content"] for row in tables["message_edits"].values()] == ["Hello", "Hello, all"]
    assert set(tables["marker_moves"]) == {(ROOM, BEN, "read", 2), (ROOM, ADA, "delivered", 2)}
    read = tables["participants"][ROOM, BEN]
    assert (read["read_seq"], read["delivered_seq"], read["read_at"]) == (2, 2, read["delivered_at"])


def test_the_fold_says_how_people_react_and_which_texts_are_flagged() -> None:
    tables = folded(a_correct_history())

    kinds = {(key[2], row["kind"]) for key, row in tables["message_reactions"].items()}
    assert kinds == {(BEN, "love"), (CLEO, "like")}
    assert {row["seq"] for row in tables["messages"].values() if row["flagged"]} == {1}


def test_the_fold_says_how_each_has_a_conversation_for_themselves() -> None:
    tables = folded(a_correct_history())

    adas, bens = tables["participants"][PAIR, ADA], tables["participants"][PAIR, BEN]
    assert [adas["pinned_at"], bens["archived_at"], bens["cleared_at"]] == [None, None, None]
    assert bens["pinned_at"] < adas["archived_at"] < adas["cleared_at"]
    assert (adas["cleared_seq"], bens["cleared_seq"]) == (1, 0)


def test_the_fold_says_what_became_of_message_requests() -> None:
    tables = folded(a_correct_history())

    asked = {
        key[0]: (row["requester_id"], row["recipient_id"], row["state"])
        for key, row in tables["message_requests"].items()
    }
    assert asked == {PAIR: (ADA, BEN, "accepted"), ASKED: (BEN, CLEO, "declined")}
    waiting = {key for key, row in tables["participants"].items() if not row["takes_part"]}
    assert waiting == {(ASKED, CLEO)}
    assert tables["contact_policies"] == {(BEN,): {"policy": "request"}}


def test_the_fold_says_who_uploaded_what() -> None:
    files = folded(a_correct_history())["files"]

    assert {key[0]: (row["user_id"], row["name"], row["size"]) for key, row in files.items()} == {
        TIDES: (BEN, "Tides.pdf", 20_480)
    }


def test_the_fold_says_what_goes_with_each_message() -> None:
    tables = folded(a_correct_history())

    seqs = {key[0]: (row["conversation_id"], row["seq"]) for key, row in tables["messages"].items()}
    attached = {
        (*seqs[message], place): [value for value in row.values() if value is not None]
        for (_, message, place), row in tables["message_attachments"].items()
    }
    assert attached == {
        (ROOM, 4, 0): ["file", TIDES, "Tides", 0],
        (PAIR, 2, 0): ["image", "https://media.example/shell", 8, 6, 0],
        (PAIR, 2, 1): ["video", "https://media.example/race", 9.5, 1],
    }
    assert [row["shared_post_id"] for row in tables["messages"].values() if row["shared_post_id"]] == [POST]


def test_of_a_deleted_conversation_nothing_is_left() -> None:
    log = a_correct_history()
    log.command("conversations", ROOM, ADA, ("conversation.deleted", {}))

    tables = folded(log)

    assert set(tables["conversations"]) == {(PAIR,), (ASKED,)}
    assert {row["conversation_id"] for row in tables["messages"].values()} == {PAIR}
    assert tables["message_edits"] == tables["message_reactions"] == tables["marker_moves"] == {}
    assert {key[0] for key in tables["participants"]} == {PAIR, ASKED}
    assert {key[0] for key in tables["message_attachments"]} == {PAIR}


def test_an_unsent_message_keeps_nothing_of_its_edits_and_reactions() -> None:
    log = a_correct_history()
    entries, i = log.find("message.edited")
    edited = entries[i].envelope["data"]["message_id"]
    log.command("conversations", ROOM, ADA, ("message.unsent", {"message_id": edited}))

    tables = folded(log)

    assert tables["messages"][edited,]["content"] is None
    assert tables["messages"][edited,]["flagged"] is False
    assert tables["message_edits"] == tables["message_reactions"] == {}


def test_every_event_of_a_conversation_is_folded() -> None:
    assert set(CLAUSES) == {name for name, form in FORMS.items() if form.kind == "conversations"}


async def test_equal_tables_have_no_finding() -> None:
    tables = folded(a_correct_history())

    report = await compared(deepcopy(tables), tables)

    assert report.first == []
    assert report.looked_at["rows of messages"] == 8
    assert report.looked_at["rows of message_attachments"] == 3


def lose_a_row(tables: Tables) -> None:
    tables["messages"].popitem()


def invent_a_row(tables: Tables) -> None:
    tables["participants"][ROOM, named("a phantom")] = tables["participants"][ROOM, ADA]


def alter_a_row(tables: Tables) -> None:
    next(iter(tables["messages"].values()))["content"] = "Hullo"


def leave_a_row_behind(tables: Tables) -> None:
    tables["users"][ADA,]["display_name"] = "Ada"


def lose_an_attachment(tables: Tables) -> None:
    tables["message_attachments"].popitem()


def forget_a_column(tables: Tables) -> None:
    del tables["bookmarks"][next(iter(tables["bookmarks"]))]["note"]


def add_a_column(tables: Tables) -> None:
    tables["users"][BEN,]["mood"] = "good"


@pytest.mark.parametrize(
    ("place", "tamper"),
    [
        ("messages", lose_a_row),
        ("participants", invent_a_row),
        ("messages", alter_a_row),
        ("users", leave_a_row_behind),
        ("message_attachments", lose_an_attachment),
        ("bookmarks", forget_a_column),
        ("users", add_a_column),
    ],
)
async def test_a_row_that_is_wrong_is_found(place: str, tamper: Callable[[Tables], Any]) -> None:
    tables = folded(a_correct_history())
    live = deepcopy(tables)
    tamper(live)

    report = await compared(live, tables)

    assert report.found == {"row": 1}
    assert report.first[0].place.startswith(place)


async def test_a_finding_repeats_nothing_that_people_wrote() -> None:
    tables = folded(a_correct_history())
    live = deepcopy(tables)
    alter_a_row(live)

    report = await compared(live, tables)

    assert report.first[0].what == "it differs from the log in content"


async def test_a_parked_stream_is_left_out() -> None:
    tables = folded(a_correct_history())
    live = deepcopy(tables)
    invent_a_row(live)
    lose_a_row(live)

    report = await compared(live, tables, parked={ROOM, PAIR})

    assert report.is_clean
