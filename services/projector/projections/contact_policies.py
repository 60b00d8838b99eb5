"""One row: whom a person lets write to them at once."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.people import ContactPolicySet

projection = Projection("contact_policies", tables=("contact_policies",))


@projection.on(ContactPolicySet, rows="stream_id", settles=("policy",))
def say(events: Batch[ContactPolicySet]) -> Iterator[Change]:
    yield Statement(
        """
        INSERT INTO contact_policies (user_id, policy)
        SELECT * FROM unnest($1::uuid[], $2::text[])
        ON CONFLICT (user_id) DO UPDATE SET policy = excluded.policy
        """,
        *events.columns("stream_id", "policy"),
    )
