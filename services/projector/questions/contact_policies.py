"""Whom I let write to me at once: for myself alone."""

import msgspec

from services.projector.questioning import Asked
from shared.events.people import ContactPolicy
from shared.web.routes import Route


class ContactPolicyView(msgspec.Struct, frozen=True):
    """With `request`, a stranger's direct conversation starts as a message request."""

    policy: ContactPolicy


async def my_contact_policy(asked: Asked) -> ContactPolicyView:
    row = await asked.row("SELECT policy FROM contact_policies WHERE user_id = $1", asked.by)
    return ContactPolicyView("open" if row is None else row["policy"])


ROUTES = (
    Route(
        "GET",
        "/v1/me/contact-policy",
        "Whether strangers may write to me at once",
        handle=my_contact_policy,
        answer=ContactPolicyView,
        description="`open`, as long as I have not said otherwise. Nobody else is told.",
    ),
)
