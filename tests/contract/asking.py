"""Asks operations as somebody, a few at a time, and tells answers apart."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.access import BODIES, QUERIES, RAW, Ids, Kind, kind_of
from tests.contract.canaries import Canaries
from tests.contract.operations import Operation
from tests.contract.services import Answer, Services
from tests.contract.town import Person

AT_ONCE = 8
MADE_FOR_EACH_ANSWER = ("command_id", "position", "bookmark_id")


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks operations as somebody, of some things. `canaries`: what must not come back to whoever is not in it."""

    services: Services
    canaries: Canaries

    async def ask(self, operation: Operation, person: Person | None, ids: Ids) -> Answer:
        """A request that is allowed in its form."""
        body, query = BODIES.get(operation.name), QUERIES.get(operation.name)
        kind, raw = RAW.get(operation.name, ("application/json", None))
        return await self.services.ask(
            operation.service,
            operation.method,
            operation.filled(ids),
            token=None if person is None else person.token,
            query=query(ids) if query else None,
            body=body(ids) if body else None,
            raw=raw,
            headers={"Content-Type": kind} if raw is not None else None,
        )

    async def ask_from_outside(self, operation: Operation, person: Person | None, ids: Ids) -> Answer:
        """As somebody who may be told nothing. What is in the answer all the same is a finding, and stops the test."""
        answer = await self.ask(operation, person, ids)
        assert self.canaries.seen_in(answer.everything) == [], (operation.name, answer)
        return answer


async def all_of(asked: Iterable[Coroutine[Any, Any, Sequence[str]]]) -> list[str]:
    """What was found by any of these, a few of them at a time."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(each: Coroutine[Any, Any, Sequence[str]]) -> Sequence[str]:
        async with few:
            return await each

    return [finding for found in await asyncio.gather(*map(one, asked)) for finding in found]


def of_kind(operations: Sequence[Operation], *kinds: Kind) -> list[Operation]:
    """Those that are about one of these."""
    return [each for each in operations if kind_of(each) in kinds]


def with_newcomer(ids: Ids, newcomer: Person) -> dict[str, str]:
    """The ids that paths, queries and bodies are filled with."""
    return {**ids, "newcomer_id": newcomer.user_id}


def comparable(answer: Answer) -> tuple[int, Any, Any]:
    """An answer without what differs between two commands that do the same: ids made for each, and so its length."""
    if answer.status >= 300 or not answer.is_json:
        return answer.status, answer.headers, answer.body
    told = {name: value for name, value in answer.json.items() if name not in MADE_FOR_EACH_ANSWER}
    return answer.status, [each for each in answer.headers if each[0] != "content-length"], told
