"""What no client library sends: bytes that are no HTTP, that lie about themselves, or that end in the middle."""

import asyncio

import aiohttp
import pytest

from tests.web.wire import connected_to, posted


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
    reader, writer = await connected_to(client)
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
    reader, writer = await connected_to(client)
    writer.write(raw)
    if hang_up:
        writer.close()
        await writer.wait_closed()
        return b""
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 5)
    writer.close()
    return answer


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
    async with client.post("/v1/echo", json={"text": "after that"}) as response:
        assert response.status == 200

    said = capfd.readouterr()
    assert "request failed" not in said.out + said.err + caplog.text


async def test_nothing_can_be_expected_but_to_go_on(client: aiohttp.ClientSession) -> None:
    refused = await over_a_socket(client, posted("/v1/echo", b"Expect: canary", body=b'{"text": "a"}'))
    taken = await over_a_socket(client, posted("/v1/echo", b"Expect: 100-continue", body=b'{"text": "a"}'))

    assert (refused.split()[1], b'"expectation-failed"' in refused, b"canary" in refused) == (b"417", True, False)
    assert b"X-Request-Id: " in refused
    assert taken.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")


async def test_a_token_of_any_bytes_is_not_the_operators(client: aiohttp.ClientSession) -> None:
    answer = await over_a_socket(client, posted("/v1/lines", b"Authorization: Bearer \xff\xfe", body=b"{}"))

    assert answer.split()[1] in (b"401", b"403")
