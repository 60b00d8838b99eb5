"""What commands are drawn from: a few people, texts and moments, and the ids of what was asked before."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from shared.identifiers import CommandId, UserId, derived_id
from tests.conversations.examples import ANN, BEN, CY, DOT

T = TypeVar("T")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PEOPLE: st.SearchStrategy[UserId] = st.sampled_from([ANN, BEN, CY, DOT])
TEXTS = st.sampled_from(["a", "b", "a ", " \t\u00a0", "\u202eb\u200d\u0301", '\x1f"\\\u2028', "\U0001f642\x7f"])
"""Few, so that the same comes again; some that only look alike, and some that an encoder may trip over."""
MOMENTS = st.integers(-3, 32).map(lambda number: NOON + timedelta(milliseconds=number))
"""A story begins at noon and lasts for some milliseconds."""


def perhaps(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """Something, or nothing."""
    return st.none() | strategy


def asked_id(command: type, number: int) -> CommandId:
    """The id of the first, second … (0, 1 …) command of this type in a story."""
    return CommandId(derived_id("asked", command.__name__, str(number)))
