"""Ids that are functions of what they name: the same in every process and version, for ever."""

from uuid import uuid5

from hypothesis import example, given
from hypothesis.strategies import lists, text

from shared.identifiers import VERBATIM_NAMESPACE, derived_id


@given(lists(text(), max_size=5))
@example([])
@example(["command", "naïve ☃", "1:x"])
def test_a_derived_id_is_the_uuid5_of_its_parts(parts: list[str]) -> None:
    name = "".join(f"{len(part)}:{part}" for part in parts)

    assert derived_id(*parts) == str(uuid5(VERBATIM_NAMESPACE, name))


def test_parts_that_read_the_same_one_after_the_other_give_different_ids() -> None:
    assert derived_id("ab", "c") != derived_id("a", "bc")
