"""The floor of an HTTP service: aiohttp reads a body and answers as long a one, and does nothing else."""

import asyncio
import os
import signal

import uvloop
from aiohttp import web

from deploy.embedded.ports import HOST
from shared.garbage import collect_seldom

BACKLOG = 1024
ANSWER = (
    b'{"command_id":"00000000-0000-4000-8000-000000000000","position":"c0-1234567",'
    b'"message_id":"00000000-0000-4000-8000-000000000000","seq":123456}'
)


async def take(request: web.Request) -> web.Response:
    """Reads the body, and answers as long a one as the command service does."""
    await request.read()
    return web.Response(body=ANSWER, status=201, content_type="application/json")


async def ready(_: web.Request) -> web.Response:
    """It can be used."""
    return web.json_response({"process": os.getpid()})


async def serve(port: int) -> None:
    """Serves until it is told to stop."""
    app = web.Application()
    app.router.add_post("/v1/conversations/{conversation_id}/messages", take)
    app.router.add_get("/ready", ready)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    collect_seldom()  # as the services do
    await web.TCPSite(runner, HOST, port, backlog=BACKLOG).start()
    await stopping.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["BARE_PORT"])))
