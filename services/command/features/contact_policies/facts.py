"""What is known of whom somebody lets write to them, and what other streams may ask of it."""

from dataclasses import dataclass
from datetime import datetime

from services.command.deciding import Decider, Decision, Known, Stream, Unchanged
from shared.events.domain_event import Recorded
from shared.events.people import ContactPolicy, ContactPolicySet
from shared.identifiers import StreamId, StreamKind, UserId


@dataclass(frozen=True, slots=True)
class ContactPolicyOf:
    """What is this person's contact policy? The result names it as `policy`; nobody is refused an answer."""

    user_id: UserId

    @property
    def stream(self) -> Stream:
        """The person's."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


def evolve(policy: ContactPolicy, recorded: Recorded) -> ContactPolicy:
    """The policy after an event; most are no business of it."""
    return recorded.event.policy if isinstance(recorded.event, ContactPolicySet) else policy


CONTACT_POLICY: Decider[ContactPolicy] = Decider(
    "contact_policies",
    StreamKind.USERS,
    ContactPolicy,  # type: ignore[arg-type]  # a choice of texts is no class to mypy; the store's decoder takes it
    "open",
    evolve,
    rules=(),
)
"""What is known, without the rules. The decider adds them."""


def contact_policy_of(_: ContactPolicyOf, known: Known, __: datetime) -> Decision:
    """Open, as long as they have not said otherwise."""
    return Unchanged({"policy": known.part(CONTACT_POLICY)})
