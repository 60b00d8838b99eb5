"""Who was seen, in the memory of this process: each user at most once in so long, and what is yet to be told."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from shared.identifiers import UserId

NOTICED_SECONDS = 300.0
"""How long somebody who was noticed is not noticed again: as exact is what others are told of them."""
REMEMBERED = 100_000
UNTOLD_LIMIT = 20_000

SeenAt = dict[UserId, datetime]


class Noticed:
    """Whom this process has noticed, and when.

    Of more than `remembered` the one noticed longest ago is forgotten, and is noticed anew when they ask again.
    """

    def __init__(
        self,
        *,
        remembered: int = REMEMBERED,
        untold_limit: int = UNTOLD_LIMIT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._remembered = remembered
        self._untold_limit = untold_limit
        self._clock = clock
        self._noticed_at: OrderedDict[UserId, float] = OrderedDict()
        self._untold: SeenAt = {}

    def notice(self, user_id: UserId, seen_at: datetime) -> None:
        """They ask now; nothing follows when they did a little while ago."""
        now = self._clock()
        noticed_at = self._noticed_at.get(user_id)
        if noticed_at is not None and now - noticed_at < NOTICED_SECONDS:
            return
        if len(self._untold) >= self._untold_limit:
            return  # nothing can be told for now: whoever asks when it can be again is noticed then
        self._remember(user_id, now)
        self._untold[user_id] = seen_at

    def forget(self, user_id: UserId) -> None:
        """They have left: nothing is told of them, nor of what they ask in this very moment."""
        self._remember(user_id, self._clock())
        self._untold.pop(user_id, None)

    def take(self, limit: int) -> SeenAt:
        """Takes some of those of whom it is to be told when they were seen, the first who were noticed first."""
        taken = dict(list(self._untold.items())[:limit])
        for user_id in taken:
            del self._untold[user_id]
        return taken

    def put_back(self, taken: SeenAt) -> None:
        """It could not be told. What was noticed of them meanwhile is newer, and stays."""
        self._untold = taken | self._untold

    def __len__(self) -> int:
        """Of how many it is yet to be told when they were seen."""
        return len(self._untold)

    def _remember(self, user_id: UserId, now: float) -> None:
        self._noticed_at[user_id] = now
        self._noticed_at.move_to_end(user_id)
        longest_ago = next(iter(self._noticed_at))
        if now - self._noticed_at[longest_ago] >= NOTICED_SECONDS or len(self._noticed_at) > self._remembered:
            del self._noticed_at[longest_ago]
