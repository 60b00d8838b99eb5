"""How often a user may send, how often log-in may be tried, and how many files come or go at once: counted here, in
the memory of this process."""

from collections import Counter as Counts
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic

from prometheus_client import Counter

from shared.identifiers import UserId
from shared.settings import Settings
from shared.web.problems import Problem

REMEMBERED = 50_000
ROUNDING_SECONDS = 1e-6
SECONDS_A_MINUTE = 60
RETRY_SECONDS = 1
REFUSED = Counter("verbatim_rate_limited", "Requests refused because too many came before, by the limit", ["limit"])


class TooManyRequests(Problem):
    """Nothing was done, and never will be by this request: ask again after Retry-After."""

    status, code, title = 429, "too-many-requests", "Too much was asked too fast; nothing was done"
    retryable = True


class RateLimit:
    """A bucket of tokens for each who asks: `at_once` when it is full, filled by `per_second`; 0: no limit.

    All that is kept of a bucket is the moment at which it is full again. A full one is like one that never was, and is
    forgotten; so is the one used longest ago when there are more than `remembered`.
    """

    def __init__(
        self,
        name: str,
        per_second: float,
        at_once: int,
        *,
        remembered: int = REMEMBERED,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._name = name
        self._seconds_a_token = 1 / per_second if per_second else 0.0
        self._seconds_to_fill = at_once * self._seconds_a_token
        self._policy = f'"{name}";q={at_once};w={max(1, ceil(self._seconds_to_fill - ROUNDING_SECONDS))}'
        self._remembered = remembered
        self._clock = clock
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, who: Hashable) -> None:
        """Takes one token of theirs. Raises TooManyRequests, which says when there will be one."""
        if not self._seconds_a_token:
            return
        now = self._clock()
        full_at = max(self._full_at.get(who, now), now) + self._seconds_a_token
        missing_seconds = full_at - now - self._seconds_to_fill
        if missing_seconds > ROUNDING_SECONDS:
            REFUSED.labels(self._name).inc()
            raise self._refusal(missing_seconds)
        self._full_at[who] = full_at
        self._full_at.move_to_end(who)
        self._forget_one(now)

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._full_at)

    def _forget_one(self, now: float) -> None:
        longest_ago = next(iter(self._full_at))
        if self._full_at[longest_ago] <= now or len(self._full_at) > self._remembered:
            del self._full_at[longest_ago]

    def _refusal(self, missing_seconds: float) -> TooManyRequests:
        wait = str(ceil(missing_seconds))
        return TooManyRequests(
            headers={
                "Retry-After": wait,
                "RateLimit-Policy": self._policy,
                "RateLimit": f'"{self._name}";r=0;t={wait}',
            }
        )


class TooManyAtOnce(TooManyRequests):
    """So many of theirs are under way: this one was not begun."""

    def __init__(self, name: str, at_once: int) -> None:
        super().__init__(
            f"wait until one of your other {name} is done",
            headers={
                "Retry-After": str(RETRY_SECONDS),
                "RateLimit-Policy": f'"{name}";q={at_once};qu="concurrent-requests"',
                "RateLimit": f'"{name}";r=0',
            },
        )


class ConcurrencyLimit:
    """So many at once for each who asks. `name`: of what, in the plural. Whoever has none under way is forgotten."""

    def __init__(self, name: str, at_once: int) -> None:
        self._name = name
        self._at_once = at_once
        self._under_way: Counts[Hashable] = Counts()

    @contextmanager
    def one_of(self, who: Hashable) -> Iterator[None]:
        """One more of theirs is under way as long as this is open. Raises TooManyAtOnce."""
        if self._under_way[who] >= self._at_once:
            REFUSED.labels(self._name).inc()
            raise TooManyAtOnce(self._name, self._at_once)
        self._under_way[who] += 1
        try:
            yield
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]

    def __len__(self) -> int:
        """How many are under way, of all who ask."""
        return self._under_way.total()


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Every limit there is."""

    sends: RateLimit
    log_ins: RateLimit

    def take_send(self, user_id: UserId) -> None:
        """Counts a message that this user sends. Raises TooManyRequests."""
        self.sends.take(user_id)

    def take_log_in(self, address: str, email: str) -> None:
        """Counts a try from this address at this account, whether or not there is one. Raises TooManyRequests."""
        self.log_ins.take((address, email.lower()))


def rate_limits_of(settings: Settings) -> RateLimits:
    """The limits that the settings name, with nothing counted yet."""
    a_minute = settings.log_ins_per_minute
    return RateLimits(
        RateLimit("sends", settings.sends_per_second, settings.sends_at_once),
        RateLimit("log-ins", a_minute / SECONDS_A_MINUTE, a_minute),
    )
