"""What the read table says of contact policies, and to whom."""

from shared.events.people import ContactPolicySet
from tests.fixtures.read_tables import ReadTables, batch, person

ANNA, BEN = person("Anna"), person("Ben")


async def test_everybody_is_told_their_own_policy(read_tables: ReadTables) -> None:
    await read_tables.happened(ANNA, ANNA, ContactPolicySet("request"))

    assert await read_tables.answer(ANNA, "/me/contact-policy") == {"policy": "request"}
    assert await read_tables.answer(BEN, "/me/contact-policy") == {"policy": "open"}


async def test_of_several_in_one_batch_the_last_counts(read_tables: ReadTables) -> None:
    said = [read_tables.recorded(ANNA, ANNA, ContactPolicySet(policy)) for policy in ("request", "open", "request")]
    said.append(read_tables.recorded(BEN, BEN, ContactPolicySet("open")))
    await read_tables.project(*batch(*said))

    assert await read_tables.rows("contact_policies") == sorted(
        [{"user_id": ANNA, "policy": "request"}, {"user_id": BEN, "policy": "open"}], key=repr
    )


async def test_the_same_twice_is_harmless(read_tables: ReadTables) -> None:
    said = read_tables.recorded(ANNA, ANNA, ContactPolicySet("request"))
    await read_tables.project(*said)
    await read_tables.project(*said)

    assert await read_tables.rows("contact_policies") == [{"user_id": ANNA, "policy": "request"}]
