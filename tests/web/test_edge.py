"""What the edge takes and refuses, whatever the route."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.settings import Settings
from shared.web.authentication import TokenVerifier
from shared.web.edge import Edge
from shared.web.fields import Id, Ndjson, Parameters, Sent
from shared.web.health import Report
from shared.web.malformed_http import QuietRunner
from shared.web.openapi import About
from shared.web.problems import Unavailable
from shared.web.routes import Access, Incoming, Route
from shared.web.serving import Checks, web_app

LIMIT = 2_000
OPERATOR = "the-operators-token"


class Note(Sent):
    text: str
    inner: Any = None


class Place(Parameters):
    place: Id


async def echo(incoming: Incoming[Any, Any, Any]) -> Any:
    return {"text": incoming.body.text, "key": incoming.key}


async def lines(incoming: Incoming[Ndjson, Any, Any]) -> Any:
    return {"lines": incoming.body.raw.count(b"\n")}


async def place(incoming: Incoming[Any, Place, Any]) -> Any:
    return {"place": incoming.path.place}


async def broken(_: Incoming[Any, Any, Any]) -> Any:
    raise RuntimeError("canary-of-the-inside")


async def busy(_: Incoming[Any, Any, Any]) -> Any:
    raise Unavailable("later", retry_after_seconds=7)


ROUTES = [
    Route("POST", "/v1/echo", "Echo", echo, None, body=Note, access=Access.ANYONE),
    Route("POST", "/v1/lines", "Lines", lines, None, body=Ndjson, access=Access.OPERATOR),
    Route("GET", "/v1/places/{place}", "Place", place, None, parameters=Place, access=Access.ANYONE),
    Route("GET", "/v1/broken", "Broken", broken, None, access=Access.ANYONE),
    Route("GET", "/v1/busy", "Busy", busy, None, access=Access.ANYONE),
]


async def serve(incoming: Incoming[Any, Any, Any], _: web.Request) -> web.StreamResponse:
    answer = await incoming.route.handle(incoming)
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


async def report() -> Report:
    return Report(well=False, database=True, kafka=False, more={"parked": 3})


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    settings = replace(Settings(), body_limit_bytes=LIMIT, cors_origins="https://chat.example")
    edge = Edge(TokenVerifier(Ed25519PrivateKey.generate().public_key()), OPERATOR, serve)
    app = web_app(settings, edge, ROUTES, About("Test", "", "1"), Checks(report, report))
    runner = QuietRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
        yield session
    await runner.cleanup()


async def sent(client: aiohttp.ClientSession, raw: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    async with client.post("/v1/echo", data=raw, headers={"Content-Type": kind}) as response:
        text = await response.text()
        assert response.headers["X-Request-Id"]
        return response.status, json.loads(text)


def nested(depth: int) -> bytes:
    """A body whose innermost value is `depth` deep."""
    return b'{"text": "", "inner": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


async def test_bidirectional_marks_and_joiners_come_back_code_point_for_code_point(
    client: aiohttp.ClientSession,
) -> None:
    text = "\u202eאב\u200d👩\u200d🚀 é é\r\n "
    assert await sent(client, json.dumps({"text": text}).encode()) == (200, {"text": text, "key": None})


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b'{"text": "\xc3\x28"}',
        b'{"text": "a", "text": "b"}',
        b'{"text": "a", "inner": {"x": 1, "x": 2}}',
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b'{"text": "a", "inner": ["\\udfff"]}',
        nested(33),
        b'{"text": "", "inner": ' + b"[" * 900,
    ],
)
async def test_what_cannot_be_read_is_malformed(client: aiohttp.ClientSession, raw: bytes) -> None:
    status, problem = await sent(client, raw)
    if raw == b"":  # an absent body counts as {}: the text is missing
        assert (status, problem["code"]) == (422, "invalid-content")
    else:
        assert (status, problem["code"]) == (400, "malformed-request")


async def test_a_body_may_be_32_deep(client: aiohttp.ClientSession) -> None:
    assert (await sent(client, nested(32)))[0] == 200


@pytest.mark.parametrize("raw", [b'{"text": "a\\u0000"}', b'{"text": "", "inner": {"a\\u0000": 1}}'])
async def test_nul_is_invalid_content(client: aiohttp.ClientSession, raw: bytes) -> None:
    status, problem = await sent(client, raw)
    assert (status, problem["code"]) == (422, "invalid-content")


@pytest.mark.parametrize(
    "raw", [b"[]", b"null", b'"a"', b'{"text": 1}', b'{"text": 1e999}', b'{"text": "a", "more": 1}']
)
async def test_the_wrong_form_is_invalid_content(client: aiohttp.ClientSession, raw: bytes) -> None:
    status, problem = await sent(client, raw)
    assert (status, problem["code"]) == (422, "invalid-content")
    assert problem["errors"]


async def test_what_was_sent_is_never_repeated(client: aiohttp.ClientSession) -> None:
    for raw in (
        b'{"text": "a", "more": "canary"}',
        b'{"text": {"canary": 1}}',
        b'{"canary',
        b'{"canary":1,"canary":2}',
    ):
        assert b"canary" not in msgspec.json.encode((await sent(client, raw))[1])


async def test_a_body_at_the_limit_is_taken_and_one_past_it_is_too_large(client: aiohttp.ClientSession) -> None:
    frame = len(b'{"text": ""}')
    at, past = (b'{"text": "' + b"a" * (LIMIT - frame + more) + b'"}' for more in (0, 1))
    assert (await sent(client, at))[0] == 200
    status, problem = await sent(client, past)
    assert (status, problem["code"]) == (413, "too-large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-ndjson", "multipart/form-data"])
async def test_another_media_type_is_unsupported(client: aiohttp.ClientSession, kind: str) -> None:
    assert (await sent(client, b'{"text": ""}', kind))[1]["code"] == "unsupported-media-type"


async def test_a_key_is_visible_ascii(client: aiohttp.ClientSession) -> None:
    for key, status in (("k" * 200, 200), ("k" * 201, 400), ("", 400), ("a b", 400)):
        async with client.post("/v1/echo", json={"text": ""}, headers={"Idempotency-Key": key}) as response:
            assert response.status == status, key


async def test_an_id_may_be_written_in_capitals_and_is_kept_in_small_letters(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/places/6F1D5F3E-0F0C-5C0E-9A57-3B1F4E0A7C11") as response:
        assert (await response.json())["place"] == "6f1d5f3e-0f0c-5c0e-9a57-3b1f4e0a7c11"


@pytest.mark.parametrize("path", ["/v1/places/7", "/v1/nowhere", "/", "/v1/places/%00", "/v1/echo/"])
async def test_what_is_not_there_is_not_found(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as response:
        problem = await response.json(content_type="application/problem+json")
        assert (response.status, problem["code"], problem["status"]) == (404, "not-found", 404)


async def test_another_method_is_not_allowed(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/echo") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_a_query_parameter_that_is_not_known_is_invalid(client: aiohttp.ClientSession) -> None:
    for query, status in (("?a=1", 422), ("?a=%00", 422), ("?min_position=a&min_position=b", 400)):
        async with client.get(f"/v1/busy{query}") as response:
            assert response.status == status, query


async def test_a_fault_of_ours_says_nothing_of_the_inside(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/broken", headers={"X-Request-Id": "mine-1"}) as response:
        text = await response.text()
        assert (response.status, response.headers["X-Request-Id"]) == (500, "mine-1")
        assert "canary" not in text
        assert json.loads(text)["request_id"] == "mine-1"


async def test_a_request_id_of_another_form_is_replaced(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/busy", headers={"X-Request-Id": "a b<script>"}) as response:
        assert len(response.headers["X-Request-Id"]) == 36


async def test_later_says_when(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/busy") as response:
        problem = await response.json(content_type=None)
        assert (response.status, response.headers["Retry-After"], problem["retryable"]) == (503, "7", True)


async def test_only_the_operators_token_is_the_operators(client: aiohttp.ClientSession) -> None:
    for authorization, status in ((f"Bearer {OPERATOR}", 200), ("Bearer other", 403), (None, 401)):
        headers = {"Content-Type": "application/x-ndjson"} | ({"Authorization": authorization} if authorization else {})
        async with client.post("/v1/lines", data=b"{}\n{}\n", headers=headers) as response:
            assert response.status == status


async def test_lines_must_say_that_they_are_lines(client: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {OPERATOR}"}
    async with client.post("/v1/lines", json={}, headers=headers) as response:
        assert response.status == 415


async def test_pages_of_named_origins_may_ask(client: aiohttp.ClientSession) -> None:
    for origin, allowed in (("https://chat.example", "https://chat.example"), ("https://evil.example", None)):
        async with client.get("/v1/busy", headers={"Origin": origin}) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == allowed


async def test_a_page_may_ask_first_whether_it_may_ask(client: aiohttp.ClientSession) -> None:
    asked = {"Origin": "https://chat.example", "Access-Control-Request-Method": "PUT"}
    async with client.options("/v1/echo", headers=asked) as response:
        assert response.status == 204
        assert "PUT" in response.headers["Access-Control-Allow-Methods"]
        assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]


async def test_a_service_that_is_not_well_says_so(client: aiohttp.ClientSession) -> None:
    for path in ("/health", "/ready"):
        async with client.get(path) as response:
            body = await response.json()
            assert (response.status, body["status"], body["database"]) == (503, "error", "connected")
            assert (body["kafka"], body["parked"]) == ("disconnected", 3)
            assert body["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "raw",
    [
        b"canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nbad canary: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer canary\x01\r\n\r\n",
        b"POST /v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
        b"GET /" + b"canary" * 3_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_what_is_not_even_http_is_malformed(
    client: aiohttp.ClientSession, raw: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    where = client._base_url
    assert where is not None
    reader, writer = await asyncio.open_connection(where.host, where.port)
    writer.write(raw)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    said = capfd.readouterr()
    assert answer.split()[1] == b"400"
    assert b"application/problem+json" in answer
    for text in (answer.decode(), said.out, said.err, caplog.text):
        assert "canary" not in text


async def over_a_socket(client: aiohttp.ClientSession, raw: bytes, *, hang_up: bool = False) -> bytes:
    """What is answered to bytes as they are; with `hang_up`, after nothing more can come."""
    where = client._base_url
    assert where is not None
    reader, writer = await asyncio.open_connection(where.host, where.port)
    writer.write(raw)
    if hang_up:
        writer.close()
        await writer.wait_closed()
        return b""
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 5)
    writer.close()
    return answer


def posted(path: str, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    length = b"Content-Length: %d" % len(body)
    lines = (b"POST " + path.encode() + b" HTTP/1.1", b"Host: a", b"Content-Type: application/json", length, *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate"])
async def test_a_body_that_is_not_encoded_as_it_says_is_malformed(
    client: aiohttp.ClientSession, encoding: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await over_a_socket(client, posted("/v1/echo", b"Content-Encoding: " + encoding, body=b"abcde"))

    said = capfd.readouterr()
    assert answer.split()[1] == b"400"
    assert b'"malformed-request"' in answer
    assert "Traceback" not in said.out + said.err + caplog.text


async def test_a_client_that_hangs_up_in_a_body_is_no_error_of_ours(
    client: aiohttp.ClientSession, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    whole = posted("/v1/echo", body=b"{" + b" " * 100)
    await over_a_socket(client, whole[:-50], hang_up=True)
    assert (await sent(client, b'{"text": "after that"}'))[0] == 200

    said = capfd.readouterr()
    assert "request failed" not in said.out + said.err + caplog.text


async def test_nothing_can_be_expected_but_to_go_on(client: aiohttp.ClientSession) -> None:
    refused = await over_a_socket(client, posted("/v1/echo", b"Expect: canary", body=b'{"text": "a"}'))
    taken = await over_a_socket(client, posted("/v1/echo", b"Expect: 100-continue", body=b'{"text": "a"}'))

    assert (refused.split()[1], b'"expectation-failed"' in refused, b"canary" in refused) == (b"417", True, False)
    assert taken.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")


async def test_a_token_of_any_bytes_is_not_the_operators(client: aiohttp.ClientSession) -> None:
    answer = await over_a_socket(client, posted("/v1/lines", b"Authorization: Bearer \xff\xfe", body=b"{}"))

    assert answer.split()[1] in (b"401", b"403")


async def test_metrics_are_there(client: aiohttp.ClientSession) -> None:
    async with client.get("/metrics") as response:
        assert response.status == 200
        assert "python_info" in await response.text()


async def test_the_page_of_the_docs_needs_no_other_host(client: aiohttp.ClientSession) -> None:
    async with client.get("/docs") as response:
        page = await response.text()
        assert (response.status, response.content_type) == (200, "text/html")
        assert "//" not in page.replace("<!doctype", "")
    for path in ("start.js", "static/swagger-ui.css", "static/swagger-ui-bundle.js", "static/favicon-32x32.png"):
        async with client.get(f"/docs/{path}") as response:
            assert response.status == 200, path
            assert await response.read()


async def test_only_the_files_of_the_page_are_given_out(client: aiohttp.ClientSession) -> None:
    for name in ("LICENSE", "..%2Fcore.py", "swagger-editor.js"):
        async with client.get(f"/docs/static/{name}") as response:
            assert response.status == 404
