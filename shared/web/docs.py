"""/openapi.json and /docs: the description of the service, and a page to read it and try it, without the internet."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="/docs/static/favicon-32x32.png">
<link rel="stylesheet" href="/docs/static/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/static/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, persistAuthorization: true
});
"""
SERVED = ("favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js")
FROM_HERE_ALONE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
}


def add_docs(app: web.Application, description: Mapping[str, Any]) -> None:
    """Adds the description and its page. Nothing on it comes from another host."""
    encoded = msgspec.json.encode(description)
    page = PAGE.format(title=description["info"]["title"])

    async def answer_description(_: web.Request) -> web.Response:
        return web.Response(body=encoded, content_type="application/json")

    async def answer_page(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers=FROM_HERE_ALONE)

    async def send_to_page(_: web.Request) -> web.Response:
        return web.Response(status=HTTPStatus.FOUND, headers={"Location": "/docs"})

    async def answer_start(_: web.Request) -> web.Response:
        return web.Response(text=START, content_type="text/javascript")

    app.router.add_get("/openapi.json", answer_description)
    app.router.add_get("/docs", answer_page)
    app.router.add_get("/docs/", send_to_page)
    app.router.add_get("/", send_to_page)
    app.router.add_get("/docs/start.js", answer_start)
    app.router.add_get("/docs/static/{name}", _answer_asset)


async def _answer_asset(request: web.Request) -> web.FileResponse:
    name = request.match_info["name"]
    if name not in SERVED:
        raise web.HTTPNotFound
    return web.FileResponse(assets_folder() / name)


def assets_folder() -> Path:
    """Where the package `swagger_ui` keeps Swagger UI. It is not imported: only its files are wanted."""
    spec = find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the package swagger-ui-py is not installed")
    return Path(spec.submodule_search_locations[0]) / "static"
