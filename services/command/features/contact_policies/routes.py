"""Saying whom one lets write to oneself, over HTTP."""

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.feature import Feature
from services.command.features.contact_policies.decider import CONTACT_POLICIES, SetContactPolicy
from shared.events.people import ContactPolicy
from shared.web.fields import Sent
from shared.web.routes import Route


class ContactPolicyBody(Sent):
    """What happens when a stranger starts a direct conversation with me."""

    policy: ContactPolicy


async def set_my_contact_policy(asked: Asked[ContactPolicyBody]) -> Accepted:
    """Says whom I let write to me."""
    return await asked.dispatch(SetContactPolicy(asked.by, asked.body.policy))


ROUTES = (
    Route(
        "PUT",
        "/v1/me/contact-policy",
        "Say whether strangers may write to me at once",
        set_my_contact_policy,
        CommandAccepted,
        body=ContactPolicyBody,
        description=(
            "With `request`, a direct conversation that somebody starts with me is a message request until I accept "
            "it. With `open`, as it is until I say otherwise, it is a conversation at once. Conversations and requests "
            "that are there stay as they are."
        ),
    ),
)

FEATURE = Feature("contact_policies", deciders=(CONTACT_POLICIES,), routes=ROUTES)
