"""Of every table that has something of one person's it is decided what stays of it when they leave for good."""

import re

import pytest

from tests.house_rules.sources import ROOT

OF_A_PERSON = re.compile(r"^CREATE TABLE (\w+) \(((?:.|\n)*?)^\);", re.MULTILINE)
FORGETTING = ROOT / "services" / "projector" / "projections" / "deactivated_users.py"
STAY = {
    "users": "a deactivated user is shown as one",
    "participants": "both of a direct conversation stay in it; the others they leave one by one",
    "marker_moves": "what others have been told of receipts stays true",
    "message_reactions": "what was said to a message stays, as messages do",
    "contact_policies": "it is shown to nobody else, and decides nothing any more",
    "files": "others may have messages that they are attached to",
    "last_seen": "its own topic says that it is forgotten",
}
"""Those that keep something, and why."""


def tables_of_people() -> set[str]:
    """The read tables with a column that says whose a row is."""
    migrations = sorted((ROOT / "migrations" / "read").glob("*.sql"))
    created = [found for each in migrations for found in OF_A_PERSON.findall(each.read_text(encoding="utf-8"))]
    return {table for table, columns in created if re.search(r"^\s*user_id uuid", columns, re.MULTILINE)}


@pytest.mark.parametrize("table", sorted(tables_of_people()))
def test_a_table_of_people_is_emptied_when_one_leaves_or_says_why_not(table: str) -> None:
    is_emptied = f"DELETE FROM {table} WHERE user_id" in FORGETTING.read_text(encoding="utf-8")

    assert is_emptied != (table in STAY)


def test_what_is_said_to_stay_is_there() -> None:
    assert STAY.keys() <= tables_of_people()
