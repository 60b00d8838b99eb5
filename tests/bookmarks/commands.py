"""Whatever may be asked of a person's bookmarks."""

from hypothesis import strategies as st

from services.command.features.bookmarks.decider import (
    ChangeBookmarkNote,
    SwitchBookmarkOff,
    SwitchBookmarkOn,
    Target,
    ToggleBookmark,
)
from shared.events.bookmarks import TargetType
from shared.identifiers import bookmark_id_of, derived_id
from tests.conversations.examples import ANN, CREW, PAIR
from tests.properties.drawing import TEXTS, perhaps

TYPES: st.SearchStrategy[TargetType] = st.sampled_from(["message", "file"])
IDS = st.sampled_from([derived_id("kept"), derived_id("kept as well")])
TARGETS = st.builds(Target, TYPES, IDS, perhaps(st.sampled_from([CREW, PAIR])))
NOTES = perhaps(TEXTS)
COMMANDS = st.one_of(
    st.builds(ToggleBookmark, st.just(ANN), TARGETS, NOTES, st.booleans()),
    st.builds(SwitchBookmarkOn, st.just(ANN), TARGETS, NOTES, st.booleans()),
    st.builds(SwitchBookmarkOff, st.just(ANN), st.builds(Target, TYPES, IDS)),
    st.builds(ChangeBookmarkNote, st.just(ANN), st.builds(bookmark_id_of, st.just(ANN), TYPES, IDS), NOTES),
)
