"""Reading Slack's exports: how people reacted to what was said."""

from collections import Counter
from pathlib import Path

import pytest

from services.operator.importing.archives import Archive
from services.operator.importing.slack import read_archive
from tests.importing.slack_exports import ENTRY, EXPORTS, SAMPLE, entries_in, export_of, said

SAME = {"+1": "like", "heart": "love", "joy": "haha", "pray": "pray"}


def reactions_of(archive: Archive) -> dict[str, list[tuple[str, str]]]:
    return {m.id: [(each.sender_id, each.kind) for each in m.reactions] for m in said(archive) if m.reactions}


def test_people_react_in_one_way_each_whatever_the_tone_of_their_skin() -> None:
    assert reactions_of(read_archive(SAMPLE)) == {
        "CHARBOUR1/1400000010.000004": [("UTIDE0001", "like"), ("UGULL0001", "haha"), ("UREEF0001", "haha")],
        "CHARBOUR1/1400000010.000005": [("UKEEPER01", "like")],
        "CHARBOUR1/1400050006.000012": [("UKEEPER01", "love")],
        "CHARBOUR1/1400050009.000015": [("UGULL0001", "pray")],
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[("+1", "like"), ("thumbsup", "like"), ("+1::skin-tone-5", "like"), ("heart", "love"), ("joy", "haha")],
        *[("laughing", "haha"), ("satisfied", "haha"), ("rofl", "haha"), ("rolling_on_the_floor_laughing", "haha")],
        *[("open_mouth", "wow"), ("astonished", "wow"), ("cry", "sad"), ("sob", "sad"), ("pray", "pray")],
    ],
)
def test_a_name_of_slacks_is_the_kind_that_says_the_same(tmp_path: Path, name: str, kind: str) -> None:
    entry = ENTRY | {"reactions": [{"name": name, "users": ["UBEN"], "count": 1}]}

    archive = read_archive(export_of(tmp_path, entry))

    assert list(reactions_of(archive).values()) == [[("UBEN", kind)]]
    assert archive.left_out == ()


@pytest.mark.parametrize("name", ["-1", "wave::skin-tone-3", "houston", "", "like", "+1 "])
def test_what_no_kind_says_is_left_out_with_its_name(tmp_path: Path, name: str) -> None:
    entry = ENTRY | {"reactions": [{"name": name, "users": ["UBEN", "UANN"], "count": 2}]}

    archive = read_archive(export_of(tmp_path, entry))

    assert reactions_of(archive) == {}
    assert [each.reason for each in archive.left_out] == [f"no reaction here says what :{name}: says"] * 2
    assert "UBEN" not in {person.id for person in archive.people}


def test_the_last_of_a_persons_reactions_counts(tmp_path: Path) -> None:
    reactions = [{"name": name, "users": ["UBEN"]} for name in ("+1", "heart", "tada", "+1")]

    archive = read_archive(export_of(tmp_path, ENTRY | {"reactions": [*reactions, {"name": "cry", "users": ["UCY"]}]}))

    assert list(reactions_of(archive).values()) == [[("UBEN", "like"), ("UCY", "sad")]]
    assert Counter(each.code for each in archive.left_out) == {"not-the-last": 2, "no-such-reaction": 1}


def test_of_those_whom_slack_does_not_name_it_is_said_how_many_there_were(tmp_path: Path) -> None:
    reactions = [{"name": "+1", "users": ["UBEN"], "count": 3}]
    noted = ENTRY | {"subtype": "channel_topic", "reactions": reactions}

    archive = read_archive(export_of(tmp_path, ENTRY | {"reactions": reactions}, noted))

    assert list(reactions_of(archive).values()) == [[("UBEN", "like")]]
    assert Counter(each.code for each in archive.left_out if each.kind == "reaction") == {
        "nobodys-reaction": 2,
        "reaction-to-nothing": 3,
    }


@EXPORTS
def test_a_second_and_plain_reading_finds_the_same_reactions(export: Path) -> None:
    given = [
        (folder, entry["ts"], user, SAME.get(reaction["name"].split("::")[0]))
        for folder, entry in entries_in(export)
        for reaction in entry.get("reactions", [])
        for user in reaction["users"]
    ]
    expected = {(folder, ts, user): kind for folder, ts, user, kind in given if kind}
    archive = read_archive(export)

    found = {
        (room.title, message.id.split("/")[1], each.sender_id): each.kind
        for room in archive.rooms
        for message in archive.messages_of(room)
        for each in message.reactions
    }
    assert found == expected
    because = Counter(each.code for each in archive.left_out if each.kind == "reaction")
    assert because["no-such-reaction"] == sum(kind is None for *_, kind in given)
    assert because["not-the-last"] == len(given) - because["no-such-reaction"] - len(expected)
