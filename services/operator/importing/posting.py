"""Posts lines to a running command service with the operator's token, and reads what it answers for each."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import msgspec

from services.operator.importing.lines import Line
from services.operator.wording import counted

PATH = "/v1/operator/import"
POST_SECONDS = 60.0
SEE_SECONDS = 10.0
TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
REMEDIES: dict[int, str] = {
    HTTPStatus.FORBIDDEN: ": name the file that has it with --token-file",
    HTTPStatus.NOT_FOUND: ": name the command service with --url",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line was answered: `recorded`, `repeated` or `refused` for good; `unavailable` or `unknown`: ask again.

    `code` and `reason` say why it was refused, or what was left out of what was recorded.
    """

    outcome: str
    code: str = ""
    reason: str = ""

    @property
    def settled(self) -> bool:
        """Whether it need not be asked again."""
        return self.outcome in {"recorded", "repeated", "refused"}


Post = Callable[[Sequence[Line]], Awaitable[list[Answer]]]
"""Posts lines and gives an answer for each, in their order. Raises NotNowError or RejectedError."""


class NotNowError(Exception):
    """The whole post was not answered, or not now: what became of it is not known, and it may be posted again."""


class RejectedError(Exception):
    """The service does not take such posts at all: asking again would not help."""


class _Answers(msgspec.Struct, frozen=True):
    items: list[Answer]


_answers = msgspec.json.Decoder(_Answers)


async def see_it_answers(url: str, session: aiohttp.ClientSession) -> None:
    """Returns when something answers at `url`, whatever it says. Raises NotNowError."""
    try:
        async with session.get(f"{url}/health", timeout=_SEEING):
            pass
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _no_answer(url, error) from error


def posting_to(url: str, token: str, session: aiohttp.ClientSession) -> Post:
    """A way to post to the command service at `url`, whose operator's token is `token`."""

    async def post(lines: Sequence[Line]) -> list[Answer]:
        body = b"\n".join(line.json for line in lines)
        try:
            async with session.post(url + PATH, data=body, headers=_headers(token), timeout=_TIMEOUT) as response:
                return _read(url, response.status, await response.read(), lines)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _no_answer(url, error) from error

    return post


_TIMEOUT = aiohttp.ClientTimeout(total=POST_SECONDS)
_SEEING = aiohttp.ClientTimeout(total=SEE_SECONDS)


def _no_answer(url: str, error: Exception) -> NotNowError:
    return NotNowError(f"{url} does not answer ({_why_no_answer(error)})")


def _why_no_answer(error: Exception) -> str:
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return "no URL like http://127.0.0.1:8080"
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS failed"
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else type(error).__name__


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}


def _read(url: str, status: int, body: bytes, lines: Sequence[Line]) -> list[Answer]:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(lines) == 1:
        return [Answer("refused", "too-large", "it is larger than the service takes")]
    if status in TRY_LATER:
        raise NotNowError(f"{url} answered {status}")
    if status != HTTPStatus.OK:
        raise RejectedError(f"{url} answered {status}: {_title(body)}{REMEDIES.get(status, '')}")
    answers = _answers.decode(body).items
    if len(answers) != len(lines):
        raise RejectedError(f"{url} gave {counted(len(answers), 'answer')} to {counted(len(lines), 'line')}")
    return answers


class _Problem(msgspec.Struct, frozen=True):
    title: str = ""
    detail: str = ""


def _title(body: bytes) -> str:
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        return "nothing that can be read"
    return problem.detail or problem.title
