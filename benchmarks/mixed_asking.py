"""What people ask for besides sending and reading, as scripts: fifteen wishes, four of them messages."""

from collections.abc import Sequence

import msgspec

from benchmarks.load import CONTENT, KEY, TURN, Asking, Wish
from benchmarks.mixed_world import PICTURE
from benchmarks.world import Placed, Room
from services.command.accounts.access_tokens import AccessTokens
from shared.events.messages import MessageSent
from shared.identifiers import MessageId, bookmark_id_of
from shared.settings import Settings

SAID_BEFORE = 4
"""So many messages must be in a room before; the first is not by the one who asks, the second is."""


def mixed_asking_in(rooms: Sequence[Room], life: Sequence[Placed], settings: Settings) -> list[Asking]:
    """In each room the one who started it asks for everything; `life` is what has happened there.

    Every wish changes something each time, as long as the script is begun once only in each room.
    """
    tokens = AccessTokens.from_file(settings.signing_key_file, settings.access_token_seconds)
    return [Asking(script=_script(room, tokens.token_for(room.members[0]), _said_in(room, life))) for room in rooms]


def _said_in(room: Room, life: Sequence[Placed]) -> list[MessageId]:
    return [
        MessageId(recorded.command_id)
        for _, recorded in life
        if recorded.stream_id == str(room.conversation_id) and isinstance(recorded.event, MessageSent)
    ]


def _script(room: Room, token: str, said: Sequence[MessageId]) -> list[Wish]:
    place, theirs, mine = f"/v1/conversations/{room.conversation_id}", said[0], said[1]
    bookmark = {"type": "message", "target_id": theirs, "conversation_id": room.conversation_id}
    picture = {"kind": "image", "url": PICTURE.url, "width": PICTURE.width, "height": PICTURE.height}

    def wish(method: str, path: str, **body: object) -> Wish:
        return Wish(method, path, token, msgspec.json.encode(body).decode() if body else "", has_key=True)

    def message(content_type: str, **more: object) -> Wish:
        body = {"client_message_id": KEY, "content_type": content_type, "content": CONTENT, **more}
        return Wish("POST", room.messages_path, token, msgspec.json.encode(body).decode())

    moved = f'{{"seq":{TURN}}}'
    return [
        message("text"),
        wish("PUT", f"{room.messages_path}/{theirs}/reaction", kind="like"),
        wish("PUT", f"{room.messages_path}/{theirs}/reaction", kind="love"),
        wish("DELETE", f"{room.messages_path}/{theirs}/reaction"),
        message("image", attachments=[picture]),
        wish("PATCH", f"{room.messages_path}/{mine}", content=f"{CONTENT}, {TURN}"),
        Wish("POST", f"{place}/read", token, moved, has_key=True),
        message("text"),
        wish("POST", "/v1/bookmarks/toggle", **bookmark),
        wish("PATCH", f"/v1/bookmarks/{bookmark_id_of(room.members[0], 'message', theirs)}", note=f"answer it {TURN}"),
        wish("POST", "/v1/bookmarks/toggle", **bookmark),
        wish("PUT", f"{place}/pin"),
        wish("DELETE", f"{place}/pin"),
        message("text"),
        wish("PUT", "/v1/me/status", text=f"has read {TURN}"),
    ]
