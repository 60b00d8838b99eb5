"""Answers what is not even HTTP like everything else: aiohttp alone would say, and log, what was sent."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from shared.web.problems import InternalError, MalformedRequest, Problem, problem_response

log = structlog.get_logger()


class QuietConnection(RequestHandler):
    """A connection that answers so."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # it repeats what was sent
    ) -> web.StreamResponse:
        """A problem, after which the connection is closed."""
        request_id = str(uuid4())
        log.warning("a request could not be served", request_id=request_id, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun: no other can follow")
        problem = MalformedRequest() if status < HTTPStatus.INTERNAL_SERVER_ERROR else InternalError()
        response = problem_response(problem, request_id)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """What aiohttp would log with all its frames; a body that cannot be read is no error of ours."""
        if isinstance(kw.get("exc_info"), web.RequestPayloadError | Problem):
            log.debug("the rest of a body could not be read")
        else:
            super().log_exception(*args, **kw)
