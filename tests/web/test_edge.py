"""What the edge takes and refuses, whatever the route."""

import json
import os
import re
from typing import Any

import aiohttp
import msgspec
import pytest
from yarl import URL

from tests.web.conftest import LIMIT, OPERATOR
from tests.web.sending import nested


async def sent(client: aiohttp.ClientSession, raw: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    async with client.post("/v1/echo", data=raw, headers={"Content-Type": kind}) as response:
        text = await response.text()
        assert response.headers["X-Request-Id"]
        return response.status, json.loads(text)


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


@pytest.mark.parametrize("path", ["/v1/places/7", "/v1/nowhere", "/v1/places/%00", "/v1/echo/"])
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


@pytest.mark.parametrize("query", ["a=%FF", "a=caf%E9", "%E9=a", "a=%ED%A0%80", "min_position=%C3"])
async def test_a_query_that_is_not_utf8_is_malformed(client: aiohttp.ClientSession, query: str) -> None:
    async with client.get(URL(f"/v1/busy?{query}", encoded=True)) as response:
        assert (response.status, (await response.json())["code"]) == (400, "malformed-request")


@pytest.mark.parametrize(("name", "pointer"), [("a", "/a"), ("%C3%A9", "/*"), ("%00", "/*")])
async def test_which_query_parameter_has_nul_is_told_and_nothing_of_what_was_sent(
    client: aiohttp.ClientSession, name: str, pointer: str
) -> None:
    async with client.get(URL(f"/v1/busy?{name}=canary%00", encoded=True)) as response:
        answer = await response.text()
        assert response.status == 422
        assert [each["pointer"] for each in json.loads(answer)["errors"]] == [pointer]
        assert "canary" not in answer


async def test_a_fault_of_ours_says_nothing_of_the_inside(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/broken", headers={"X-Request-Id": "mine-1"}) as response:
        text = await response.text()
        assert (response.status, response.headers["X-Request-Id"]) == (500, "mine-1")
        assert "canary" not in text
        assert json.loads(text)["request_id"] == "mine-1"


async def test_a_request_id_of_another_form_is_replaced(client: aiohttp.ClientSession) -> None:
    given = set()
    for _ in range(2):
        async with client.get("/v1/busy", headers={"X-Request-Id": "a b<script>"}) as response:
            given.add(response.headers["X-Request-Id"])
    assert len(given) == 2
    assert all(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", each) for each in given)


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
            assert body["process"] == os.getpid()
            assert body["timestamp"].endswith("Z")


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


@pytest.mark.parametrize("path", ["/", "/docs/"])
async def test_whoever_comes_without_knowing_where_is_sent_to_the_docs(
    client: aiohttp.ClientSession, path: str
) -> None:
    async with client.get(path) as response:
        assert (response.status, response.url.path) == (200, "/docs")


async def test_only_the_files_of_the_page_are_given_out(client: aiohttp.ClientSession) -> None:
    for name in ("LICENSE", "..%2Fcore.py", "swagger-editor.js"):
        async with client.get(f"/docs/static/{name}") as response:
            assert response.status == 404
