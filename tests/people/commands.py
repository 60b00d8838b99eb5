"""Whatever may be asked of a person's profile."""

from hypothesis import strategies as st

from services.command.features.people.decider import Avatar, ChangeProfile, RegisterUser
from tests.conversations.examples import ANN
from tests.properties.drawing import TEXTS, perhaps

REGISTERING = st.builds(RegisterUser, st.just(ANN), TEXTS, TEXTS)
COMMANDS = REGISTERING | st.builds(
    ChangeProfile, st.just(ANN), perhaps(TEXTS), perhaps(st.builds(Avatar, perhaps(TEXTS)))
)
