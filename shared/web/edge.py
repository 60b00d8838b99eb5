"""Serves a list of routes: reads what was asked, hands it to the route, and translates every error in one place."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from itertools import count
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from aiohttp import HttpVersion11, web
from pydantic import BaseModel, ValidationError

from shared.identifiers import UserId, random_key
from shared.telemetry import begin_request
from shared.web.authentication import Caller, TokenVerifier, bearer_token
from shared.web.bodies import NO_NUL, escaped, field_errors, read_body, read_raw
from shared.web.fields import Ndjson, NoParameters, Nothing
from shared.web.problems import (
    ExpectationFailed,
    FieldError,
    Forbidden,
    InternalError,
    InvalidContent,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    problem_response,
)
from shared.web.routes import Access, Incoming, Route
from shared.web.uploads import Streamed

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,200}")
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,100}")
NOBODY = Caller(UserId(""))
REQUEST_ID = web.RequestKey("request_id", str)
_PROCESS = random_key()[:16]
_requests = count(1)
log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Incoming[Any, Any, Any, Any], web.Request], Awaitable[web.StreamResponse]]


class Edge:
    """Makes aiohttp handlers of routes. `serve` is the service's own way from a valid request to a response."""

    def __init__(self, verifier: TokenVerifier, operator_token: str, serve: Serve) -> None:
        self._verifier = verifier
        self._operator_token = operator_token
        self._serve = serve

    def add_routes(self, app: web.Application, routes: Sequence[Route]) -> None:
        """Adds every route to the application."""
        for route in routes:
            app.router.add_route(route.method, route.path, self._handler(route), expect_handler=_go_on_if_expected)

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(await self._read(route, request), request)

        return handle

    async def _read(self, route: Route, request: web.Request) -> Incoming[Any, Any, Any, Any]:
        by, by_agent = self._who(route, request)
        return Incoming(
            body=await _body_of(route, request),
            path=_path_of(route, request),
            query=_query_of(route, request),
            headers=_headers_of(route, request),
            by=by,
            key=_key_of(request),
            now=datetime.now(UTC),
            request_id=request[REQUEST_ID],
            address=request.remote or "",
            route=route,
            by_agent=by_agent,
        )

    def _who(self, route: Route, request: web.Request) -> Caller:
        if route.access is Access.ANYONE:
            return NOBODY
        token = bearer_token(request.headers.get("Authorization"))
        if route.access is Access.SIGNED_IN:
            return self._verifier.caller_of(token)
        if not self._operator_token or not compare_digest(
            token.encode(errors="replace"), self._operator_token.encode()
        ):
            raise Forbidden("this needs the operator's token")
        return NOBODY


async def _go_on_if_expected(request: web.Request) -> web.StreamResponse | None:
    """Answers the header Expect, before any middleware is asked: 100-continue is all that can be expected."""
    if request.version < HttpVersion11:
        return None
    if request.headers["Expect"].lower() != "100-continue":
        return problem_response(ExpectationFailed(), _new_request_id())
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun
    return None


async def _body_of(route: Route, request: web.Request) -> BaseModel:
    if route.body is Nothing:
        return Nothing()
    if issubclass(route.body, Ndjson):
        return route.body(raw=await read_raw(request, "application/x-ndjson"))
    if issubclass(route.body, Streamed):
        return route.body(request=request)
    return await read_body(request, route.body)


def _path_of(route: Route, request: web.Request) -> BaseModel:
    if route.parameters is NoParameters:
        return NoParameters()
    try:
        return route.parameters.model_validate(dict(request.match_info))
    except ValidationError:
        raise NotFound from None


def _query_of(route: Route, request: web.Request) -> BaseModel:
    if not request.query_string and route.query is NoParameters:
        return NoParameters()
    if not _is_utf8(request.rel_url.raw_query_string):
        raise MalformedRequest("the query is not UTF-8")
    given = {name: value for name, value in request.query.items() if name != "min_position"}
    if len(given) != len({*request.query} - {"min_position"}) or len(request.query) != len({*request.query}):
        raise MalformedRequest("a query parameter is there twice")
    with_nul = [name for name, value in given.items() if "\0" in value]
    if with_nul:
        raise InvalidContent(errors=[FieldError(f"/{escaped(name)}", NO_NUL) for name in with_nul])
    if route.query is NoParameters and not given:
        return NoParameters()
    try:
        return route.query.model_validate(given)
    except ValidationError as error:
        raise InvalidContent(errors=field_errors(error)) from None


def _is_utf8(query: str) -> bool:
    """Whether all that is behind its percent signs is: where it is not, aiohttp puts another character."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeError:
        return False
    return True


def _headers_of(route: Route, request: web.Request) -> BaseModel:
    if route.headers is NoParameters:
        return NoParameters()
    names = {field.alias for field in route.headers.model_fields.values() if field.alias}
    try:
        return route.headers.model_validate({name: request.headers[name] for name in names & {*request.headers}})
    except ValidationError:
        raise MalformedRequest("a header is of another form than it should be") from None


def _key_of(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY_PATTERN.fullmatch(key):
        raise MalformedRequest("Idempotency-Key must be 1 to 200 visible ASCII characters")
    return key


@web.middleware
async def translating_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one place where errors become answers."""
    given = request.headers.get("X-Request-Id", "")
    request_id = request[REQUEST_ID] = given if REQUEST_ID_PATTERN.fullmatch(given) else _new_request_id()
    begin_request(request_id)
    try:
        response = await handler(request)
    except Problem as problem:
        response = problem_response(problem, request_id)
    except web.HTTPException as error:
        response = problem_response(_problem_of(error), request_id)
    except Exception:  # whatever it is: it is logged, and the caller gets an answer
        log.exception("request failed", method=request.method, route=_route_of(request))
        response = problem_response(InternalError(), request_id)
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    return response


def _new_request_id() -> str:
    return f"{_PROCESS}-{next(_requests):x}"


def _problem_of(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(headers={"Allow": ", ".join(sorted(error.allowed_methods))})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return TooLarge()
    if isinstance(error, web.HTTPNotFound):
        return NotFound()
    return MalformedRequest() if error.status < 500 else InternalError()  # client's fault or ours


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
