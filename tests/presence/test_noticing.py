"""Whom a process notices, by given clocks: each at most once in five minutes, within bounded memory."""

from datetime import datetime, timedelta

from services.command.presence.noticing import NOTICED_SECONDS, Noticed
from shared.identifiers import UserId, derived_id
from tests.presence.clocks import NOON, Clock

ADA, BEN, CY = (UserId(derived_id("spec", name)) for name in ("ada", "ben", "cy"))


def untold(noticed: Noticed) -> dict[UserId, datetime]:
    return noticed.take(100)


def test_somebody_is_noticed_when_they_ask() -> None:
    noticed = Noticed()
    noticed.notice(ADA, NOON)
    assert untold(noticed) == {ADA: NOON}


def test_within_five_minutes_somebody_is_noticed_once_however_often_they_ask() -> None:
    clock = Clock()
    noticed = Noticed(clock=clock)
    noticed.notice(ADA, clock.time)
    untold(noticed)
    for seconds in (0.0, 1.0, NOTICED_SECONDS - 1.01):
        clock.seconds += seconds
        noticed.notice(ADA, clock.time)
    assert untold(noticed) == {}


def test_after_five_minutes_somebody_is_noticed_again() -> None:
    clock = Clock()
    noticed = Noticed(clock=clock)
    noticed.notice(ADA, clock.time)
    untold(noticed)
    clock.seconds += NOTICED_SECONDS
    noticed.notice(ADA, clock.time)
    assert untold(noticed) == {ADA: clock.time}


def test_five_minutes_are_five_minutes() -> None:
    assert timedelta(seconds=NOTICED_SECONDS) == timedelta(minutes=5)


def test_a_wall_clock_that_is_set_back_keeps_nobody_from_being_noticed() -> None:
    clock = Clock()
    noticed = Noticed(clock=clock)
    noticed.notice(ADA, NOON)
    untold(noticed)
    clock.seconds += NOTICED_SECONDS
    noticed.notice(ADA, NOON - timedelta(hours=3))
    assert untold(noticed) == {ADA: NOON - timedelta(hours=3)}


def test_each_is_noticed_for_themselves() -> None:
    noticed = Noticed()
    for user_id in (ADA, BEN, ADA):
        noticed.notice(user_id, NOON)
    assert untold(noticed) == {ADA: NOON, BEN: NOON}


def test_what_could_not_be_told_is_told_later_and_never_instead_of_what_is_newer() -> None:
    clock = Clock()
    noticed = Noticed(clock=clock)
    noticed.notice(ADA, clock.time)
    noticed.notice(BEN, clock.time)
    taken = noticed.take(100)
    clock.seconds += NOTICED_SECONDS
    noticed.notice(ADA, clock.time)
    noticed.put_back(taken)
    assert untold(noticed) == {ADA: clock.time, BEN: taken[BEN]}


def test_those_who_were_noticed_first_are_told_of_first() -> None:
    noticed = Noticed()
    for user_id in (BEN, ADA, CY):
        noticed.notice(user_id, NOON)
    assert [list(noticed.take(2)), list(noticed.take(2)), len(noticed)] == [[BEN, ADA], [CY], 0]


def test_of_whoever_has_left_nothing_is_told_that_was_yet_to_be() -> None:
    noticed = Noticed()
    noticed.notice(ADA, NOON)
    noticed.forget(ADA)
    assert untold(noticed) == {}


def test_of_whoever_has_left_it_is_not_told_what_they_ask_in_that_moment() -> None:
    noticed = Noticed()
    noticed.forget(ADA)
    noticed.notice(ADA, NOON)
    assert untold(noticed) == {}


def test_of_more_than_can_be_remembered_the_one_noticed_longest_ago_is_forgotten() -> None:
    noticed = Noticed(remembered=2)
    for user_id in (ADA, BEN, CY):
        noticed.notice(user_id, NOON)
    untold(noticed)
    noticed.notice(ADA, NOON)
    noticed.notice(CY, NOON)
    assert untold(noticed) == {ADA: NOON}


def test_while_nothing_can_be_told_only_so_many_wait_and_the_others_are_noticed_afterwards() -> None:
    noticed = Noticed(untold_limit=2)
    for user_id in (ADA, BEN, CY):
        noticed.notice(user_id, NOON)
    assert untold(noticed) == {ADA: NOON, BEN: NOON}
    noticed.notice(CY, NOON)
    assert untold(noticed) == {CY: NOON}
