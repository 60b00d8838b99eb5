"""Whatever may be asked of a person's status, and by its expiries."""

from hypothesis import strategies as st

from services.command.features.statuses.decider import EPOCH, ClearExpiredStatus, ClearStatus, SetDnd, SetStatus
from shared.identifiers import JobId
from tests.conversations.examples import ANN
from tests.properties.drawing import MOMENTS, TEXTS, perhaps

JOBS = MOMENTS.map(lambda moment: JobId(f"status-{ANN}-{round((moment - EPOCH).total_seconds() * 1000)}"))
COMMANDS = st.one_of(
    st.builds(SetStatus, st.just(ANN), perhaps(TEXTS), perhaps(TEXTS), st.booleans(), perhaps(MOMENTS), MOMENTS),
    st.builds(SetDnd, st.just(ANN), st.booleans()),
    st.builds(ClearStatus, st.just(ANN)),
    st.builds(ClearExpiredStatus, st.just(ANN), JOBS),
)
