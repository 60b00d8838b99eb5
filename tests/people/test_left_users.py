"""Who has left is known in memory: at once what this process does, and never less than that."""

import pytest

from services.command.accounts.deactivations import LeftUsers
from services.command.accounts.refusals import UserDeactivated
from shared.identifiers import UserId, derived_id
from shared.web.problems import Unavailable

ADA, EVE = UserId(derived_id("spec", "ada")), UserId(derived_id("spec", "eve"))


def knowing(*user_ids: UserId) -> LeftUsers:
    left = LeftUsers()
    left.begin_to_look()
    left.replace({*user_ids})
    return left


def is_refused(left: LeftUsers, user_id: UserId) -> bool:
    try:
        left.refuse(user_id)
    except UserDeactivated:
        return True
    return False


def test_before_it_is_known_who_has_left_nobody_is_let_through() -> None:
    left = LeftUsers()
    left.add(EVE)
    for user_id in (ADA, EVE):
        with pytest.raises(Unavailable):
            left.refuse(user_id)


def test_whoever_has_left_is_refused_and_nobody_else() -> None:
    left = knowing(EVE)
    assert [is_refused(left, each) for each in (ADA, EVE)] == [False, True]


def test_what_this_process_does_counts_at_once() -> None:
    left = knowing()
    left.add(EVE)
    assert is_refused(left, EVE)
    left.discard(EVE)
    assert not is_refused(left, EVE)


def test_an_answer_that_was_asked_for_before_a_change_undoes_nothing() -> None:
    left = knowing()
    left.begin_to_look()
    left.add(EVE)
    left.replace({ADA})
    assert [is_refused(left, each) for each in (ADA, EVE)] == [True, True]
    left.begin_to_look()
    left.discard(EVE)
    left.replace({EVE})
    assert [is_refused(left, each) for each in (ADA, EVE)] == [False, False]


def test_what_other_processes_do_counts_when_it_is_told() -> None:
    left = knowing(ADA)
    left.begin_to_look()
    left.replace({EVE})
    assert [is_refused(left, each) for each in (ADA, EVE)] == [False, True]
