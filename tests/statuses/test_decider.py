"""What may happen to a status."""

from datetime import timedelta

import pytest

from services.command.features.people.decider import UserIsDeactivated
from services.command.features.statuses.decider import (
    ClearStatus,
    ExpiryIsPast,
    NotDueYet,
    SetDnd,
    StatusIsEmpty,
)
from shared.events.people import UserDeactivated
from shared.events.statuses import DndSet, StatusCleared, StatusSet
from tests.statuses.examples import (
    ANNA,
    HOUR,
    MONDAY_NOON,
    expiry_of,
    given,
    job,
    lunch,
    lunch_expired,
    lunch_was_set,
    milliseconds,
)

AFTER = MONDAY_NOON + HOUR
BEFORE = AFTER - timedelta(milliseconds=1)


def test_a_status_that_expires_has_a_job_named_by_the_millisecond() -> None:
    number = milliseconds(MONDAY_NOON)
    given().when(lunch(), by=ANNA, at=MONDAY_NOON).then(lunch_was_set(number))


def test_a_status_that_does_not_expire_has_no_job() -> None:
    given().when(lunch(expires_at=None), by=ANNA).then(StatusSet("🥪", "Lunch"))


def test_a_status_may_be_do_not_disturb_alone() -> None:
    wanted = lunch(emoji=None, text=None, dnd_enabled=True, expires_at=None)
    given().when(wanted, by=ANNA).then(StatusSet(dnd_enabled=True))


def test_a_status_of_nothing_is_refused() -> None:
    given().when(lunch(emoji=None, text=None), by=ANNA).then_refused(StatusIsEmpty)


@pytest.mark.parametrize("early", [timedelta(0), timedelta(milliseconds=1)])
def test_an_expiry_that_was_past_when_it_was_asked_for_is_refused(early: timedelta) -> None:
    given().when(lunch(expires_at=MONDAY_NOON - early), by=ANNA).then_refused(ExpiryIsPast)


def test_an_expiry_that_passed_while_the_command_waited_is_taken() -> None:
    late = AFTER + HOUR
    given().when(lunch(), by=ANNA, at=late).then(lunch_was_set(milliseconds(late)))


def test_the_same_status_again_changes_nothing_and_names_the_first_job() -> None:
    given(lunch_was_set(7)).when(lunch(), by=ANNA).then_nothing_happens(
        job_id=job(7), expires_at="2026-03-02T13:00:00.000Z"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Lunch "},
        {"text": None},
        {"emoji": "🍜"},
        {"dnd_enabled": True},
        {"expires_at": AFTER + timedelta(milliseconds=1)},
        {"expires_at": None},
    ],
)
def test_a_status_that_differs_in_anything_is_a_new_one(other: dict[str, object]) -> None:
    outcome = given(lunch_was_set(7)).when(lunch(**other), by=ANNA)
    assert isinstance(outcome.decision_events()[0], StatusSet)


def test_the_same_status_after_its_time_is_a_new_one() -> None:
    late = AFTER + HOUR
    outcome = given(lunch_was_set(7)).when(lunch(), by=ANNA, at=late)
    outcome.then(lunch_was_set(milliseconds(late)))


def test_two_statuses_in_one_millisecond_have_two_jobs() -> None:
    number = milliseconds(MONDAY_NOON)
    scene = given().when(lunch(), by=ANNA, at=MONDAY_NOON).then(lunch_was_set(number))
    scene.when(lunch(text="Late"), by=ANNA, at=MONDAY_NOON).then(lunch_was_set(number + 1, text="Late"))


def test_a_clock_that_was_set_back_still_gives_a_new_job_also_after_a_clear() -> None:
    number = milliseconds(MONDAY_NOON)
    scene = given(lunch_was_set(number), StatusCleared("cleared"))
    scene.when(lunch(), by=ANNA, at=MONDAY_NOON - HOUR).then(lunch_was_set(number + 1))


def test_clearing_ends_the_status() -> None:
    given(lunch_was_set()).when(ClearStatus(ANNA), by=ANNA).then(StatusCleared("cleared"))


def test_clearing_where_nothing_is_shown_changes_nothing() -> None:
    given(lunch_was_set(), StatusCleared("cleared")).when(ClearStatus(ANNA), by=ANNA).then_nothing_happens()


def test_do_not_disturb_alone_keeps_text_and_expiry() -> None:
    scene = given(lunch_was_set()).when(SetDnd(ANNA, True), by=ANNA).then(DndSet(True))
    expiry_of(scene, 1, AFTER).then(lunch_expired())


@pytest.mark.parametrize("events", [(), (lunch_was_set(),), (StatusSet(dnd_enabled=True), DndSet(False))])
def test_switching_off_what_is_off_changes_nothing(events: tuple[StatusSet, ...]) -> None:
    given(*events).when(SetDnd(ANNA, False), by=ANNA).then_nothing_happens(dnd_enabled=False)


def test_switching_on_what_is_on_changes_nothing() -> None:
    given(DndSet(True)).when(SetDnd(ANNA, True), by=ANNA).then_nothing_happens(dnd_enabled=True)


def test_when_do_not_disturb_was_all_that_there_was_nothing_is_left() -> None:
    scene = given(DndSet(True)).when(SetDnd(ANNA, False), by=ANNA).then(DndSet(False))
    scene.when(ClearStatus(ANNA), by=ANNA).then_nothing_happens()


def test_do_not_disturb_after_the_status_has_passed_stands_without_it() -> None:
    scene = given(lunch_was_set()).when(SetDnd(ANNA, True), by=ANNA, at=AFTER).then(lunch_expired(), DndSet(True))
    expiry_of(scene, 1, AFTER).then_nothing_happens()


def test_do_not_disturb_that_has_passed_needs_no_switching_off() -> None:
    given(lunch_was_set(dnd_enabled=True)).when(SetDnd(ANNA, False), by=ANNA, at=AFTER).then_nothing_happens()


def test_a_status_is_cleared_when_it_is_due() -> None:
    expiry_of(given(lunch_was_set()), 1, AFTER).then(lunch_expired())


def test_a_status_is_never_cleared_early() -> None:
    outcome = expiry_of(given(lunch_was_set()), 1, BEFORE)
    outcome.then_refused(NotDueYet)
    assert outcome.decision == NotDueYet(0.001)


def test_a_status_is_cleared_once() -> None:
    expiry_of(given(lunch_was_set(), lunch_expired()), 1, AFTER).then_nothing_happens()


def test_a_stale_expiry_changes_nothing() -> None:
    expiry_of(given(lunch_was_set(1), lunch_was_set(2, text="Back")), 1, AFTER).then_nothing_happens()


def test_the_expiry_of_a_status_of_somebody_who_has_left_changes_nothing() -> None:
    expiry_of(given(lunch_was_set(), UserDeactivated()), 1, AFTER).then_nothing_happens()


def test_whoever_has_left_shows_nothing_any_more() -> None:
    for asked in (lunch(), SetDnd(ANNA, True)):
        given(lunch_was_set(), UserDeactivated()).when(asked, by=ANNA).then_refused(UserIsDeactivated)
    given(lunch_was_set(), UserDeactivated()).when(ClearStatus(ANNA), by=ANNA).then_nothing_happens()


def test_an_expiry_of_a_status_that_lasts_changes_nothing() -> None:
    expiry_of(given(lunch_was_set(1), StatusSet(text="Back")), 1, AFTER).then_nothing_happens()


def test_a_status_that_is_set_in_the_millisecond_in_which_the_last_one_expires_stays() -> None:
    scene = given(lunch_was_set(1)).when(lunch(expires_at=AFTER + HOUR, asked_at=AFTER), by=ANNA, at=AFTER)
    expiry_of(scene.then(lunch_was_set(milliseconds(AFTER), expires_at=AFTER + HOUR)), 1, AFTER).then_nothing_happens()


def test_what_is_answered_is_told_by_the_event_alone() -> None:
    scene = given(lunch_was_set(1), DndSet(True), StatusCleared("cleared"))
    [_, decider] = scene.deciders
    assert [decider.result(each) for each in scene.events] == [
        {"job_id": job(1), "expires_at": "2026-03-02T13:00:00.000Z"},
        {"dnd_enabled": True},
        {},
    ]
