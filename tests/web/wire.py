"""Requests as bytes, over bare connections: for what no client library would send."""

import asyncio

import aiohttp


async def connected_to(client: aiohttp.ClientSession) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection to the service that a client asks."""
    where = client._base_url
    assert where is not None
    return await asyncio.open_connection(where.host, where.port)


def posted(path: str, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    length = b"Content-Length: %d" % len(body)
    lines = (b"POST " + path.encode() + b" HTTP/1.1", b"Host: a", b"Content-Type: application/json", length, *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
