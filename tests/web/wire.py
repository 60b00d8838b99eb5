"""Requests as bytes, over bare connections: for what no client library would send."""

import asyncio
import socket

import aiohttp

ROOM = 65_536


async def connected_to(client: aiohttp.ClientSession) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection to the service that a client asks."""
    where = client._base_url
    assert where is not None
    return await asyncio.open_connection(where.host, where.port)


async def connected_with_little_room(
    client: aiohttp.ClientSession,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection whose own side takes little that is not read."""
    where = client._base_url
    assert where is not None
    with_little_room = socket.socket()
    with_little_room.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    with_little_room.setblocking(False)
    await asyncio.get_running_loop().sock_connect(with_little_room, (where.host, where.port))
    reader, writer = await asyncio.open_connection(sock=with_little_room, limit=ROOM)
    return reader, writer


def posted(path: str, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    length = b"Content-Length: %d" % len(body)
    lines = (b"POST " + path.encode() + b" HTTP/1.1", b"Host: a", b"Content-Type: application/json", length, *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
