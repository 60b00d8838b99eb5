"""How often one may send and try to log in: the rules without a server, and what whoever goes too fast is answered."""

from collections.abc import AsyncIterator, Hashable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.command.rate_limits import ConcurrencyLimit, RateLimit, TooManyAtOnce, TooManyRequests, rate_limits_of
from shared.identifiers import UserId
from shared.settings import Settings
from tests.fixtures.command_service import Answer, CommandService, Person, running_command_service, until_ready

SENDS_AT_ONCE = 3
ADA, BOB = UserId("ada"), UserId("bob")


@dataclass
class Clock:
    """Seconds, as a test sets them."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def taken(limit: RateLimit, who: Hashable = ADA) -> bool:
    """Whether there was a token."""
    try:
        limit.take(who)
    except TooManyRequests:
        return False
    return True


def test_so_many_are_taken_at_once_and_then_one_for_each_that_comes_in() -> None:
    clock = Clock()
    limit = RateLimit("sends", 20, 40, clock=clock)

    assert [taken(limit) for _ in range(41)] == [True] * 40 + [False]
    clock.now += 0.049
    assert not taken(limit)
    clock.now += 0.002
    assert [taken(limit) for _ in range(2)] == [True, False]
    clock.now += 3_600
    assert [taken(limit) for _ in range(41)] == [True] * 40 + [False]


def test_whoever_is_refused_waits_no_longer_for_having_asked() -> None:
    clock = Clock()
    limit = RateLimit("sends", 1, 1, clock=clock)

    assert taken(limit)
    for _ in range(9):
        clock.now += 0.1
        assert not taken(limit)
    clock.now += 0.1001
    assert taken(limit)


def test_nobody_waits_for_another() -> None:
    limit = RateLimit("sends", 1, 1, clock=Clock())

    assert [taken(limit, who) for who in (ADA, BOB, ADA, BOB)] == [True, True, False, False]


@given(
    per_second=st.integers(1, 50),
    at_once=st.integers(1, 50),
    pauses_ms=st.lists(st.integers(0, 300), max_size=200),
)
def test_it_is_a_bucket_of_tokens_counted_one_by_one(per_second: int, at_once: int, pauses_ms: list[int]) -> None:
    clock = Clock()
    limit = RateLimit("sends", per_second, at_once, clock=clock)
    tokens, passed = Fraction(at_once), Fraction(0)

    for pause_ms in pauses_ms:
        passed += Fraction(pause_ms, 1000)
        clock.now = 1_000_000.0 + float(passed)
        tokens = min(Fraction(at_once), tokens + Fraction(pause_ms * per_second, 1000))
        assert taken(limit) == (tokens >= 1)
        tokens -= tokens >= 1


def test_full_buckets_are_forgotten() -> None:
    clock = Clock()
    limit = RateLimit("sends", 20, 40, clock=clock)

    for number in range(1_000):
        clock.now += 0.01
        limit.take(number)

    assert len(limit) <= 7  # what 40 of 20 a second leave to be filled: 0.05 s


def test_never_more_are_remembered_than_there_is_room_for_and_who_is_new_is_kept() -> None:
    limit = RateLimit("sends", 1, 1, remembered=100, clock=Clock())

    for number in range(1_000):
        limit.take(number)

    assert len(limit) == 100
    assert [taken(limit, who) for who in (999, 900, 899)] == [False, False, True]


def test_where_there_is_no_room_it_is_who_has_been_quiet_for_longest_that_is_forgotten() -> None:
    limit = RateLimit("sends", 1, 2, remembered=2, clock=Clock())

    for who in (ADA, BOB, ADA, UserId("new")):
        limit.take(who)

    assert not taken(limit, ADA)


def test_a_rate_of_nothing_is_no_limit() -> None:
    limits = rate_limits_of(replace(Settings(), sends_per_second=0, log_ins_per_minute=0))

    for _ in range(1_000):
        limits.take_send(ADA)
        limits.take_log_in("192.0.2.1", "ada@example.com")
    assert (len(limits.sends), len(limits.log_ins)) == (0, 0)


def test_log_in_is_counted_for_each_pair_of_address_and_account_whatever_its_case() -> None:
    limits = rate_limits_of(Settings())

    for _ in range(5):
        limits.take_log_in("192.0.2.1", "ada@example.com")
    limits.take_log_in("192.0.2.2", "ada@example.com")
    limits.take_log_in("192.0.2.1", "bob@example.com")
    with pytest.raises(TooManyRequests):
        limits.take_log_in("192.0.2.1", "Ada@Example.com")


@pytest.mark.parametrize(
    ("per_second", "at_once", "headers"),
    [
        (20, 40, {"Retry-After": "1", "RateLimit-Policy": '"a";q=40;w=2', "RateLimit": '"a";r=0;t=1'}),
        (5 / 60, 5, {"Retry-After": "12", "RateLimit-Policy": '"a";q=5;w=60', "RateLimit": '"a";r=0;t=12'}),
        (1000, 1, {"Retry-After": "1", "RateLimit-Policy": '"a";q=1;w=1', "RateLimit": '"a";r=0;t=1'}),
    ],
)
def test_a_refusal_says_what_the_limit_is_and_when_to_come_again(
    per_second: float, at_once: int, headers: dict[str, str]
) -> None:
    limit = RateLimit("a", per_second, at_once, clock=Clock())
    for _ in range(at_once):
        limit.take(ADA)

    with pytest.raises(TooManyRequests) as refused:
        limit.take(ADA)

    assert refused.value.headers == headers
    assert (refused.value.status, refused.value.retryable) == (429, True)


def test_whoever_waits_as_told_is_let_in() -> None:
    clock = Clock()
    limit = RateLimit("sends", 0.3, 2, clock=clock)
    for _ in range(20):
        try:
            limit.take(ADA)
        except TooManyRequests as refused:
            clock.now += int(refused.headers["Retry-After"])
            limit.take(ADA)


def test_so_many_of_each_are_under_way_at_once_and_one_more_for_each_that_ends() -> None:
    limit = ConcurrencyLimit("uploads", 2)
    with ExitStack() as all_of_them:
        first, *_ = [all_of_them.enter_context(started(limit, who)) for who in (ADA, ADA, BOB, BOB)]
        with pytest.raises(TooManyAtOnce), limit.one_of(ADA):
            pass
        first.close()
        all_of_them.enter_context(started(limit, ADA))
        with pytest.raises(TooManyAtOnce), limit.one_of(ADA):
            pass
        assert len(limit) == 4
    assert len(limit) == 0


def started(limit: ConcurrencyLimit, who: Hashable) -> ExitStack:
    """One that is under way until it is closed."""
    under_way = ExitStack()
    under_way.enter_context(limit.one_of(who))
    return under_way


def test_what_fails_is_no_longer_under_way() -> None:
    limit = ConcurrencyLimit("uploads", 1)
    with pytest.raises(OSError, match="broken"), limit.one_of(ADA):
        raise OSError("broken")
    with limit.one_of(ADA):
        assert len(limit) == 1


def test_whoever_has_too_many_under_way_is_told_how_many_there_may_be() -> None:
    limit = ConcurrencyLimit("uploads", 1)
    with limit.one_of(ADA), pytest.raises(TooManyAtOnce) as refused, limit.one_of(ADA):
        pass

    assert refused.value.headers == {
        "Retry-After": "1",
        "RateLimit-Policy": '"uploads";q=1;qu="concurrent-requests"',
        "RateLimit": '"uploads";r=0',
    }
    assert (refused.value.status, refused.value.code, refused.value.retryable) == (429, "too-many-requests", True)


@pytest.fixture
async def limited_service(service_settings: Settings) -> AsyncIterator[CommandService]:
    """A service that lets everybody send a few messages, and no more in the time that a test takes."""
    settings = replace(service_settings, sends_per_second=0.001, sends_at_once=SENDS_AT_ONCE, log_ins_per_minute=1)
    async with running_command_service(settings) as service:
        await until_ready(service)
        yield service


async def sent(person: Person, room: str, content: str) -> Answer:
    body = {"client_message_id": str(uuid4()), "content_type": "text", "content": content}
    return await person.ask("POST", f"/v1/conversations/{room}/messages", body)


async def test_who_goes_too_fast_is_told_so_and_nothing_was_done(limited_service: CommandService) -> None:
    ada, bob = await limited_service.register(), await limited_service.register()
    group = {"kind": "group", "title": "Engines", "participant_ids": [bob.user_id]}
    room = (await ada.ask("POST", "/v1/conversations", group)).body["conversation_id"]

    answers = [await sent(ada, room, f"word {number}") for number in range(SENDS_AT_ONCE + 2)]
    of_bob = await sent(bob, room, "I may")

    assert [each.status for each in answers] == [201] * SENDS_AT_ONCE + [429] * 2
    refusal = answers[-1]
    assert (refusal.body["code"], refusal.body["retryable"]) == ("too-many-requests", True)
    assert {"Retry-After", "RateLimit-Policy", "RateLimit"} <= set(refusal.headers)
    assert (of_bob.status, of_bob.body["seq"]) == (201, SENDS_AT_ONCE + 1)
    metrics = (await limited_service.ask("GET", "/metrics")).body
    assert 'verbatim_rate_limited_total{limit="sends"}' in metrics


async def test_trying_to_log_in_is_limited_whether_or_not_there_is_such_an_account(
    limited_service: CommandService,
) -> None:
    ada = await limited_service.register()
    for email in (ada.email, f"nobody_{uuid4().hex}@example.com"):
        tries = [
            await limited_service.ask("POST", "/v1/auth/login", {"email": email, "password": "Wrong1horse"})
            for _ in range(2)
        ]
        assert [each.status for each in tries] == [401, 429]
        assert tries[-1].headers["Retry-After"] in {"59", "60"}


async def test_an_import_has_no_limit(limited_service: CommandService) -> None:
    said = [
        {"kind": "message", "source": "gitter", "source_id": f"m{number}", "conversation": "c", "sender": "a"}
        | {"content": "from elsewhere", "occurred_at": f"2020-01-01T00:00:{number:02}Z"}
        for number in range(5 * SENDS_AT_ONCE)
    ]
    lines = [
        {"kind": "person", "source": "gitter", "source_id": "a", "name": "ada_of_old"},
        {"kind": "conversation", "source": "gitter", "source_id": "c", "title": "Old", "started_by": "a"}
        | {"occurred_at": "2020-01-01T00:00:00Z"},
        *said,
    ]
    items = await limited_service.imported(*lines)

    assert [each["outcome"] for each in items] == ["recorded"] * len(lines)
