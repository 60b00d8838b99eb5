"""What an answer that is no success looks like: `application/problem+json`, with a stable code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import msgspec
from aiohttp import web

CONTENT_TYPE = "application/problem+json"


class ProblemKind(Protocol):
    """What describes a problem before it happens: refusals of deciders and the problems below have it."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of what was sent. `pointer`: a JSON pointer into the body, or a parameter's name."""

    pointer: str
    message: str


class Problem(Exception):  # noqa: N818  # the field's own word: RFC 9457
    """An answer other than success. It is raised anywhere below the edge, which answers it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    retryable: ClassVar[bool] = False
    closes_connection: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = more


class InternalError(Problem):
    """A fault of ours; what it was stands in the log under the request's id."""


class MalformedRequest(Problem):
    status, code, title = 400, "malformed-request", "The request could not be read"


class NotAuthenticated(Problem):
    status, code, title = 401, "not-authenticated", "This needs a valid access token"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here, or nothing that is yours to know"


class BodyIsSlow(Problem):
    """Nothing was done, and never will be by this request. The connection is closed: the rest would be no request."""

    status, code, title = 408, "body-is-slow", "The body took too long to come; nothing was done"
    retryable = True
    closes_connection = True


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This path does not take that method"


class NotYet(Problem):
    status, code, title = 409, "not-yet", "What you ask to see has not been projected yet"
    retryable = True


class TooLarge(Problem):
    status, code, title = 413, "too-large", "The body is too large"


class ExpectationFailed(Problem):
    status, code, title = 417, "expectation-failed", "The header Expect may only be 100-continue"


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported-media-type", "The body must be application/json"


class InvalidContent(Problem):
    status, code, title = 422, "invalid-content", "Some of what was sent is not allowed"


class Unavailable(Problem):
    """Nothing was done, and never will be by this request: ask again later."""

    status, code, title = 503, "unavailable", "This cannot be done right now; nothing was done"
    retryable = True

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class OutcomeUnknown(Problem):
    """It may or may not be in the log, now or later: ask again with the same key, or ask what became of it."""

    status, code, title = 504, "outcome-unknown", "It is not known yet whether this was recorded"
    retryable = True


def problem_response(problem: Problem, request_id: str) -> web.Response:
    """The answer for a problem. It never repeats what was sent; the request's id is in the body and in its header."""
    body: dict[str, Any] = {
        "type": f"urn:verbatim:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "code": problem.code,
        "request_id": request_id,
        "retryable": problem.retryable,
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = web.Response(
        body=msgspec.json.encode(body | problem.more),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers={**problem.headers, "X-Request-Id": request_id},
    )
    if problem.closes_connection:
        response.force_close()
    return response
