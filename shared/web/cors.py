"""Which web pages of other origins may use this service: those that the setting names."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, Min-Position, X-Request-Id, Range, If-Range, If-None-Match"
)
SHOWN_HEADERS = (
    "X-Request-Id, Retry-After, RateLimit-Policy, RateLimit, "
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag"
)
REMEMBERED_SECONDS = "600"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def allowing_origins(setting: str) -> Any:
    """A middleware that lets the origins of the setting in: separated by commas, `*` for all, empty for none."""
    allowed = {origin.strip().rstrip("/") for origin in setting.split(",") if origin.strip()}

    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not ("*" in allowed or origin in allowed):
            return await handler(request)
        asks_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = web.Response(status=204, headers=_PREFLIGHT) if asks_first else await handler(request)
        if not response.prepared:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = SHOWN_HEADERS
            response.headers.add("Vary", "Origin")
        return response

    return allow


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": REMEMBERED_SECONDS,
}
