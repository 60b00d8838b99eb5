"""Whatever may be asked of a person's bookmarks."""

from hypothesis import strategies as st

from services.command.features.bookmarks.decider import (
    ChangeBookmarkNote,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    ToggleBookmark,
)
from shared.identifiers import bookmark_id_of, derived_id
from tests.conversations.examples import ANN, CREW, PAIR
from tests.properties.drawing import TEXTS, perhaps

MESSAGES = st.sampled_from([derived_id("message", "kept"), derived_id("message", "kept as well")])
TARGETS = st.builds(Target, st.just("message"), MESSAGES, st.sampled_from([CREW, PAIR]))
NOTES = perhaps(TEXTS)
COMMANDS = st.one_of(
    st.builds(ToggleBookmark, st.just(ANN), TARGETS, NOTES, st.booleans()),
    st.builds(SwitchBookmarkOn, st.just(ANN), TARGETS, NOTES, st.booleans()),
    st.builds(SwitchBookmarkOff, st.just(ANN), st.builds(Target, st.just("message"), MESSAGES)),
    st.builds(ChangeBookmarkNote, st.just(ANN), MESSAGES.map(lambda id_: bookmark_id_of(ANN, "message", id_)), NOTES),
)
