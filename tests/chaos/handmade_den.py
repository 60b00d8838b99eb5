"""What Ben, Cy and Dot did in a den and of themselves, written by hand: something in each table."""

from dataclasses import replace
from typing import Any

from tests.blackbox import wishes
from tests.blackbox.history import REFUSED, Member, Wish
from tests.chaos.handmade import (
    DEN,
    OTHERS,
    HandmadeRun,
    attachment_row,
    conversation_row,
    message_row,
    participant_row,
    status_row,
    time_at,
)

BEN, CY, DOT = (Member(name, f"token of {name}", "den", "first") for name in ("ben", "cy", "dot"))
STARTED = wishes.start_group(BEN, [CY], "den")
GROUP = STARTED.stream
FIRST, OOPS = wishes.send(BEN, "first", to=GROUP), wishes.send(BEN, "oops", to=GROUP)
PICTURES = wishes.send_pictures(replace(BEN, conversation_id=GROUP), "sunrise")
EDITED, UNSENT = wishes.edit(BEN, FIRST.message, "better"), wishes.unsend(BEN, OOPS.message, "gone")
LIKED, LIKED_AGAIN = (wishes.react(CY, FIRST.message, key, "like") for key in ("liked", "liked again"))
PINNED, READ = wishes.arrange(CY, GROUP, "top", "pinned"), wishes.mark(CY, GROUP, "seen", "read", 1)
ASKED = wishes.start_direct(CY, BEN, "hello you")
PAIR = ASKED.stream
DECLINED = wishes.answer_request(BEN, PAIR, "no", "declined")
SHORT_LIVED = wishes.start_group(BEN, [DOT], "short-lived")
DELETED = wishes.delete(BEN, SHORT_LIVED.stream, "away")
KEPT, NOTED = wishes.keep(CY, FIRST.message, "keep"), wishes.change_note(CY, FIRST.message, "note")
POLICY, ALONE = wishes.set_contact_policy(BEN, "ask first", "request"), wishes.set_dnd(CY, "hush", enabled=True)
UPLOADED = wishes.upload(BEN, "list")
AGENT, LEFT = wishes.make_agent(BEN, "helper"), wishes.leave_for_good(DOT)
CROWD = wishes.start_group(BEN, [DOT], "crowd")
LEFT_CROWD = replace(LEFT, stream=CROWD.stream, recorded_key="leaving")
"""What follows from leaving for good, in each group."""

SHA256 = "bbb481fdb74aa8d94a811c5276e3f75731fcb9dd5b9088a87cfa125d162025d1"
"""Of `content of list`."""


def live_in_a_den(run: HandmadeRun) -> None:
    """A group in which things are edited, unsent, reacted to, pinned and read; a request; a group that is deleted."""
    _meet(run)
    run.saw(12.5, (1, FIRST.command_id, "said under first"), where=GROUP)
    run.accepted(
        DEN, EDITED, 13, ("message.edited", {"message_id": FIRST.command_id, "content": "edited under better"})
    )
    run.accepted(DEN, UNSENT, 14, ("message.unsent", {"message_id": OOPS.command_id}))
    run.saw(
        14.5,
        (3, PICTURES.command_id, "said under sunrise"),
        (2, OOPS.command_id, None),
        (1, FIRST.command_id, "edited under better"),
        where=GROUP,
    )
    liked = {"message_id": FIRST.command_id, "kind": "like"}
    run.accepted(DEN, LIKED, 15, ("message.reaction_set", liked))
    run.accepted(DEN, LIKED_AGAIN, 16)
    run.accepted(DEN, PINNED, 17, ("conversation.pinned", {}))
    run.accepted(DEN, READ, 18, ("message.read", {"seq": 1}), read_seq=1)
    _ask(run)
    _live_alone(run)
    run.tables["conversations"] |= {
        GROUP: conversation_row("group", "group den", "ben", 3),
        PAIR: conversation_row("direct", None, "cy", 0),
        CROWD.stream: conversation_row("group", "group crowd", "ben", 0),
    }
    run.tables["participants"] |= {
        f"{GROUP} ben": participant_row("owner"),
        f"{GROUP} cy": participant_row("member", delivered_seq=1, read_seq=1, pinned_at=time_at(17)),
        f"{PAIR} ben": participant_row("member", takes_part=False),
        f"{PAIR} cy": participant_row("member"),
        f"{CROWD.stream} ben": participant_row("owner"),
    }
    run.tables["messages"] |= {
        f"{GROUP} {FIRST.command_id}": message_row(1, "ben", "edited under better", edited_at=time_at(13)),
        f"{GROUP} {OOPS.command_id}": message_row(2, "ben", None, unsent=True),
        f"{GROUP} {PICTURES.command_id}": message_row(3, "ben", "said under sunrise", content_type="media"),
    }
    run.tables["message_attachments"] |= {
        f"{GROUP} {PICTURES.command_id} 0": attachment_row(
            0, kind="image", url="https://example.com/sunrise.png", name="picture sunrise"
        ),
        f"{GROUP} {PICTURES.command_id} 1": attachment_row(
            1, kind="video", url="https://example.com/sunrise.mp4", duration=12.5
        ),
    }
    run.tables["message_edits"] |= {
        f"{GROUP} {FIRST.command_id} 0": {"content": "said under first"},
        f"{GROUP} {FIRST.command_id} 5": {"content": "edited under better"},
    }
    run.tables["message_reactions"] |= {
        f"{GROUP} {FIRST.command_id} cy": {"kind": "like", "reacted_at": time_at(15)},
    }
    run.tables["marker_moves"] |= {f"{GROUP} cy read 1": {"moved_at": time_at(18)}}
    run.tables["message_requests"] |= {PAIR: {"requester_id": "cy", "recipient_id": "ben", "state": "declined"}}


def _meet(run: HandmadeRun) -> None:
    started = {"kind": "group", "title": "group den", "participant_ids": ["cy"]}
    run.accepted(DEN, STARTED, 10, ("conversation.started", started), conversation_id=GROUP)
    film = {"kind": "video", "url": "https://example.com/sunrise.mp4", "duration": 12.5, "sort_order": 1}
    picture = {"kind": "image", "url": "https://example.com/sunrise.png", "name": "picture sunrise"}
    media = {"content_type": "media", "attachments": [picture, film]}
    for seq, (said, more) in enumerate(((FIRST, {}), (OOPS, {}), (PICTURES, media)), start=1):
        data = {"content": said.body["content"], "client_message_id": said.key, "seq": seq, **more}
        run.accepted(DEN, said, 10.0 + seq, ("message.sent", data), message_id=said.command_id, seq=seq)


def _ask(run: HandmadeRun) -> None:
    started = ("conversation.started", {"kind": "direct", "participant_ids": ["ben"]})
    made = ("message_request.made", {"recipient_id": "ben"})
    run.accepted(DEN, ASKED, 20, started, made, conversation_id=PAIR)
    run.accepted(DEN, DECLINED, 21, ("message_request.declined", {}))
    brief = {"kind": "group", "title": "group short-lived", "participant_ids": ["dot"]}
    run.accepted(DEN, SHORT_LIVED, 22, ("conversation.started", brief), conversation_id=SHORT_LIVED.stream)
    run.accepted(DEN, DELETED, 23, ("conversation.deleted", {}))
    run.told(wishes.send(DOT, "too late", to=SHORT_LIVED.stream), 24, REFUSED, 404, code="not-found")
    crowd = {"kind": "group", "title": "group crowd", "participant_ids": ["dot"]}
    run.accepted(DEN, CROWD, 24.5, ("conversation.started", crowd), conversation_id=CROWD.stream)


def _live_alone(run: HandmadeRun) -> None:
    """The others and what concerns each of them alone: notes, do-not-disturb, a policy, an agent, and an end."""
    run.began[OTHERS] = 2
    run.record(OTHERS, _registration(DOT), 9, ("user.registered", {"username": "dot", "display_name": "Dot"}))
    kept = {"bookmark_id": KEPT.ids["bookmark_id"], "target_type": "message", "target_id": FIRST.command_id}
    more: dict[str, Any] = {"bookmarked": True, "conversation_id": GROUP, "note": "kept under keep"}
    bookmark = {"bookmark_id": kept["bookmark_id"], "bookmarked": True}
    run.accepted(OTHERS, KEPT, 25, ("bookmark.toggled", kept | more), **bookmark)
    noted = {"bookmark_id": kept["bookmark_id"], "note": "noted under note"}
    run.accepted(OTHERS, NOTED, 26, ("bookmark.note_changed", noted), **bookmark)
    run.accepted(OTHERS, POLICY, 27, ("user.contact_policy_set", {"policy": "request"}))
    run.accepted(OTHERS, ALONE, 28, ("status.dnd_set", {"enabled": True}), dnd_enabled=True)
    file = {"name": "list.txt", "media_type": "text/plain", "size": 15, "sha256": SHA256}
    uploaded = ("file.uploaded", {"file_id": UPLOADED.command_id, **file})
    run.accepted(OTHERS, UPLOADED, 28.5, uploaded, file_id=UPLOADED.command_id)
    run.tables["files"] |= {UPLOADED.command_id: {"user_id": "ben", **file, "uploaded_at": time_at(28.5)}}
    agent = {"username": "agent_helper", "display_name": "agent helper", "kind": "agent"}
    run.accepted(OTHERS, AGENT, 29, ("user.registered", agent), user_id=AGENT.stream, key="a secret")
    run.accepted(OTHERS, LEFT, 30, ("user.deactivated", {}), user_id="dot")
    run.record(DEN, LEFT_CROWD, 30.5, ("conversation.participant_left", {}))
    run.tables["bookmarks"] |= {
        KEPT.ids["bookmark_id"]: {
            "user_id": "cy",
            "target_type": "message",
            "target_id": FIRST.command_id,
            "conversation_id": GROUP,
            "note": "noted under note",
            "created_at": time_at(25),
        }
    }
    run.tables["contact_policies"] |= {"ben": {"policy": "request"}}
    run.tables["user_statuses"] |= {"cy": status_row(dnd_enabled=True)}
    nobody = {"username": "dot", "display_name": "Deactivated user", "kind": "deactivated", "owner_id": None}
    helper = {"username": "agent_helper", "display_name": "agent helper", "kind": "agent", "owner_id": "ben"}
    run.tables["users"] |= {"dot": nobody | {"avatar_url": None}, AGENT.stream: helper | {"avatar_url": None}}


def _registration(member: Member) -> Wish:
    return Wish("registered", member.user_id, member.user_id, "POST /v1/auth/register", "registration", {})
