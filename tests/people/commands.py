"""Whatever may be asked of a person's profile."""

from typing import get_args

from hypothesis import strategies as st

from services.command.features.people.decider import Avatar, ChangeProfile, DeactivateUser, RegisterUser
from shared.events.people import UserKind
from tests.conversations.examples import ANN
from tests.properties.drawing import TEXTS, perhaps

REGISTERING = st.builds(RegisterUser, st.just(ANN), TEXTS, TEXTS, st.sampled_from(get_args(UserKind)))
COMMANDS = st.one_of(
    REGISTERING,
    st.builds(ChangeProfile, st.just(ANN), perhaps(TEXTS), perhaps(st.builds(Avatar, perhaps(TEXTS)))),
    st.builds(DeactivateUser, st.just(ANN)),
)
