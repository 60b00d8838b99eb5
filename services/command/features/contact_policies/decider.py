"""What may be asked about whom somebody lets write to them. Stream: the user."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.command.deciding import Decider, Decision, Known, Rule, Stream, Unchanged
from services.command.features.contact_policies.facts import CONTACT_POLICY, ContactPolicyOf, contact_policy_of
from services.command.features.people.decider import unless_deactivated
from shared.events.people import ContactPolicy, ContactPolicySet
from shared.identifiers import StreamId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class SetContactPolicy:
    """Says whether a stranger's direct conversation with this person starts as a message request."""

    user_id: UserId
    policy: ContactPolicy

    @property
    def stream(self) -> Stream:
        """The person's."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


def set_contact_policy(command: SetContactPolicy, known: Known, _: datetime) -> Decision:
    """For conversations that start from now on; those that are there stay as they are."""
    return Unchanged() if known.part(CONTACT_POLICY) == command.policy else [ContactPolicySet(command.policy)]


CONTACT_POLICIES: Decider[ContactPolicy] = replace(
    CONTACT_POLICY,
    rules=(Rule(SetContactPolicy, unless_deactivated(set_contact_policy)), Rule(ContactPolicyOf, contact_policy_of)),
)
