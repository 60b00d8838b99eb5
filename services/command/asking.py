"""What a command's route is given: the valid request, the doors to the writers, and the accounts."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Coroutine
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import msgspec

from services.command.accounts import Accounts
from services.command.deciding import Command, Result
from services.command.dispatching import Accepted, Doors, Submission, WideDoors
from services.command.files.receiving import Receiving
from services.command.files.sending import Sending
from services.command.flagging import FlagPolicy
from services.command.presence import Presence
from services.command.rate_limits import RateLimits
from services.command.writing.finding import Finder
from shared.identifiers import CommandId, UserId, command_id_of, random_key
from shared.telemetry import name_command
from shared.web.problems import OutcomeUnknown, Unavailable
from shared.web.routes import B, H, Incoming, P, Q

FINGERPRINT_BYTES = 8
T = TypeVar("T")


class CommandAccepted(msgspec.Struct, frozen=True, kw_only=True):
    """It is recorded. `position` is opaque: give it back as Min-Position to read what you wrote."""

    command_id: str
    position: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What the composition root gives to every route."""

    doors: WideDoors
    accounts: Accounts
    flag_policy: FlagPolicy
    rate_limits: RateLimits
    presence: Presence
    finder: Finder
    receiving: Receiving
    sending: Sending


class Asked(msgspec.Struct, Generic[B, P, Q, H], frozen=True):
    """A request to change something. `deadline` is on the event loop's clock; None: the writers' own default."""

    incoming: Incoming[B, P, Q, H]
    parts: Parts
    deadline: float | None = None

    @property
    def by(self) -> UserId:
        """Who asks."""
        return self.incoming.by

    @property
    def by_agent(self) -> bool:
        """Whether an agent asks."""
        return self.incoming.by_agent

    @property
    def body(self) -> B:
        """What was sent."""
        return self.incoming.body

    @property
    def path(self) -> P:
        """The parameters in the path."""
        return self.incoming.path

    @property
    def query(self) -> Q:
        """The query parameters."""
        return self.incoming.query

    @property
    def headers(self) -> H:
        """The headers that the route names."""
        return self.incoming.headers

    def notice(self, user_id: UserId) -> None:
        """This user is there now: they have just been let in."""
        self.parts.presence.notice(user_id, self.incoming.now)

    async def dispatch(self, command: Command, key: str | None = None, content: str | None = None) -> Accepted:
        """Has a command decided, under the key given, else the Idempotency-Key header, else a random one.

        `content` stands for what was sent, where the body cannot. Raises Refused, Unavailable or OutcomeUnknown.
        """
        command_id = self.command_id(command, key)
        submission = Submission(command, command_id, self.by, self.fingerprint(content), deadline=self.deadline)
        return await dispatched(self.parts.doors, submission)

    async def ask(self, question: Command) -> Result:
        """Asks another stream's writer for a fact: as it was at some moment since this request came."""
        return await self.parts.doors.ask(question, self.deadline)

    def command_id(self, command: Command, key: str | None = None) -> CommandId:
        """The id of this command: a function of its stream, who asks, the route and the key."""
        chosen = key or self.incoming.key or random_key()
        return command_id_of(command.stream.id, self.by, self.incoming.route.name, chosen)

    def fingerprint(self, content: str | None = None) -> str:
        """Eight bytes of a hash of what was asked, as text: equal for honest repeats."""
        return fingerprint_of(
            self.incoming.route.name,
            self.incoming.path.model_dump_json(),
            self.incoming.body.model_dump_json(exclude_unset=True) if content is None else content,
        )


def fingerprint_of(*parts: str) -> str:
    """Eight bytes of a hash of the canonical request, as 11 characters."""
    hashed = blake2b("\0".join(parts).encode(), digest_size=FINGERPRINT_BYTES)
    return urlsafe_b64encode(hashed.digest()).rstrip(b"=").decode()


async def in_time(work: Coroutine[Any, Any, T], deadline: float | None) -> T:
    """What the work gives, if it is done by the deadline (on the event loop's clock; None: whenever it is done).

    It must be something that may be left undone. It is given up then without waiting for its end, which may take long:
    what holds a client of a server that says nothing has to close it first. Raises Unavailable, and whatever the work
    raises.
    """
    loop = asyncio.get_running_loop()
    working = loop.create_task(work)
    try:
        await asyncio.wait([working], timeout=None if deadline is None else max(0.0, deadline - loop.time()))
        if not working.done():
            raise Unavailable("what this depends on could not be found out in time")
        return working.result()
    finally:
        working.cancel()


async def dispatched(doors: Doors, submission: Submission) -> Accepted:
    """Has a command decided; an unknown outcome says where to ask what became of it."""
    name_command(submission.command_id)
    try:
        return await doors.dispatch(submission)
    except OutcomeUnknown as unknown:
        unknown.more["command_id"] = submission.command_id
        unknown.more["command_url"] = f"/v1/commands/{submission.command.stream.id}/{submission.command_id}"
        raise
