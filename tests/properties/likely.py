"""What is mostly accepted: asked by whoever may, and of what is mostly there. Most of what may be asked is refused."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import strategies as st

from services.command.deciding import Command
from services.command.features.bookmarks.decider import (
    ChangeBookmarkNote,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    ToggleBookmark,
)
from services.command.features.contact_policies.decider import SetContactPolicy
from services.command.features.conversations.decider import (
    AcceptMessageRequest,
    AddParticipant,
    ArchiveConversation,
    ChangeConversation,
    ChangeParticipantRole,
    ClearConversation,
    DeclineMessageRequest,
    DeleteConversation,
    PinConversation,
    RemoveParticipant,
    UnarchiveConversation,
    UnpinConversation,
)
from services.command.features.messages.decider import (
    EditMessage,
    ImportMessage,
    MarkDelivered,
    MarkRead,
    RemoveReaction,
    SendMessage,
    SetReaction,
    UnsendMessage,
)
from services.command.features.messages.facts import MayReadFile, MayReadMessage
from services.command.features.people.decider import Avatar, ChangeProfile, DeactivateUser
from services.command.features.statuses.decider import EPOCH, ClearExpiredStatus, ClearStatus, SetDnd, SetStatus
from shared.events.messages import Attachment
from shared.identifiers import JobId, StreamKind, UserId, bookmark_id_of, derived_id
from tests.conversations.commands import HERE, POLICIES
from tests.conversations.examples import ANN, BEN, CREW, CY
from tests.messages.commands import FILES, KINDS, SENT
from tests.properties.drawing import NOON

By = tuple[UserId, Command]
WORDS = st.sampled_from(["a", "b"])
FIRST, SECOND = (st.just(message) for message in SENT[:2])
HER = st.just(ANN)
EARLIER = NOON - timedelta(seconds=1)
JOBS = st.integers(0, 3).map(lambda more: JobId(f"status-{ANN}-{(NOON - EPOCH) // timedelta(milliseconds=1) + more}"))
KEPT = Target("message", derived_id("message", "kept"), CREW)
BOOKMARK = st.just(bookmark_id_of(ANN, KEPT.type, KEPT.id))
NOTES = st.none() | WORDS


def _by(by: UserId, *commands: st.SearchStrategy[Command]) -> st.SearchStrategy[list[By]]:
    """All of these, one after another."""
    return st.tuples(*commands).map(lambda asked: [(by, command) for command in asked])


def _status(expires_at: datetime | None) -> st.SearchStrategy[Command]:
    return st.builds(SetStatus, HER, st.none(), WORDS, st.booleans(), st.just(expires_at), st.just(EARLIER))


def _on_and_off(by: UserId, on: type, off: type) -> st.SearchStrategy[list[By]]:
    return _by(by, st.builds(on, HERE), st.builds(off, HERE))


SAYS = st.builds(SendMessage, HERE, WORDS, WORDS)
SHOWS = st.builds(
    SendMessage,
    HERE,
    WORDS,
    WORDS,
    content_type=st.just("image"),
    attachments=st.just((Attachment("image", FILES[0]),)),
    media_types=st.just({FILES[0]: "image/png"}),
)
OPENINGS: Mapping[StreamKind, st.SearchStrategy[list[By]]] = {
    StreamKind.CONVERSATIONS: st.one_of(
        _by(ANN, SAYS),
        _by(ANN, SHOWS, SAYS),
        st.tuples(_by(ANN, SAYS), _by(BEN, SAYS)).map(lambda both: [*both[0], *both[1]]),
    ),
    StreamKind.USERS: st.just([]),
}
"""What is asked next, once a stream has begun."""
ENDINGS: Mapping[StreamKind, st.SearchStrategy[list[By]]] = {
    StreamKind.CONVERSATIONS: st.one_of(
        st.just([]),
        _by(ANN, st.builds(RemoveParticipant, HERE, HER)),
        _by(ANN, st.builds(DeleteConversation, HERE)),
    ),
    StreamKind.USERS: st.just([]) | _by(ANN, st.builds(DeactivateUser, HER)),
}
"""What is perhaps asked towards the end of a story: behind it little else is accepted."""
LIKELY: Mapping[StreamKind, st.SearchStrategy[list[By]]] = {
    StreamKind.CONVERSATIONS: st.one_of(
        _by(ANN, SAYS),
        _by(BEN, SAYS),
        _by(ANN, st.builds(EditMessage, HERE, FIRST, WORDS)),
        _by(BEN, st.builds(EditMessage, HERE, SECOND, WORDS)),
        _by(ANN, st.builds(UnsendMessage, HERE, SECOND)),
        _by(BEN, st.builds(SetReaction, HERE, FIRST, KINDS), st.builds(RemoveReaction, HERE, FIRST)),
        _by(BEN, st.builds(SetReaction, HERE, FIRST, KINDS)),
        _by(BEN, st.builds(MarkDelivered, HERE, st.just(1)), st.builds(MarkRead, HERE, st.just(1))),
        _on_and_off(ANN, PinConversation, UnpinConversation),
        _on_and_off(BEN, ArchiveConversation, UnarchiveConversation),
        _by(BEN, st.builds(PinConversation, HERE), st.builds(ClearConversation, HERE)),
        _on_and_off(BEN, DeclineMessageRequest, AcceptMessageRequest),
        _by(BEN, st.builds(AcceptMessageRequest, HERE)),
        _by(ANN, st.builds(ChangeConversation, HERE, WORDS, NOTES, st.sampled_from([CY, None]))),
        _by(ANN, st.builds(ChangeConversation, HERE, WORDS), st.builds(ChangeConversation, HERE, avatar_url=NOTES)),
        _by(ANN, st.builds(AddParticipant, HERE, st.just(CY)), st.builds(RemoveParticipant, HERE, st.just(CY))),
        _by(ANN, st.builds(ChangeParticipantRole, HERE, st.just(BEN), st.sampled_from(["admin", "owner"]))),
        _by(ANN, st.builds(MayReadMessage, HERE, FIRST, st.just(BEN))),
        _by(ANN, st.builds(MayReadFile, HERE, st.just(FILES[0]), st.just(tuple(SENT)), st.just(BEN))),
        _by(CY, st.builds(ImportMessage, HERE, WORDS, WORDS, st.just(NOON))),
    ),
    StreamKind.USERS: st.one_of(
        _by(ANN, _status(NOON), st.builds(ClearExpiredStatus, HER, JOBS)),
        _by(ANN, _status(None), st.builds(SetDnd, HER, st.booleans())),
        _by(ANN, st.builds(ClearStatus, HER)),
        _by(ANN, st.builds(SetContactPolicy, HER, POLICIES)),
        _by(ANN, st.builds(ChangeProfile, HER, WORDS, st.builds(Avatar, NOTES))),
        _by(
            ANN,
            st.builds(ChangeProfile, HER, WORDS, st.none()),
            st.builds(ChangeProfile, HER, st.none(), st.builds(Avatar, NOTES)),
        ),
        _by(ANN, st.builds(ToggleBookmark, HER, st.just(KEPT), NOTES, st.just(True))),
        _by(
            ANN,
            st.builds(SwitchBookmarkOn, HER, st.just(KEPT), NOTES, st.just(True)),
            st.builds(ChangeBookmarkNote, HER, BOOKMARK, NOTES),
        ),
        _by(ANN, st.builds(SwitchBookmarkOff, HER, st.just(KEPT))),
    ),
}
"""Somebody asks for one thing, or for what is accepted only after another."""
