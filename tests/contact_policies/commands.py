"""Whatever may be asked about somebody's contact policy."""

from hypothesis import strategies as st

from services.command.features.contact_policies.decider import SetContactPolicy
from services.command.features.contact_policies.facts import ContactPolicyOf
from tests.conversations.commands import POLICIES
from tests.conversations.examples import ANN

COMMANDS = st.builds(SetContactPolicy, st.just(ANN), POLICIES) | st.builds(ContactPolicyOf, st.just(ANN))
