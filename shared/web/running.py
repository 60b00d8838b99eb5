"""Runs a web application until it is told to stop: it stops listening, finishes what it has begun, and ends."""

import asyncio
import errno
import signal
from contextlib import suppress

import structlog
from aiohttp import web

from shared.settings import Settings
from shared.web.connections import BoundedRunner

FINISHING_SECONDS = 5.0
BACKLOG = 1024
log = structlog.get_logger()


class CannotListenError(RuntimeError):
    """The address cannot be listened on; the message says what to do."""


async def run(app: web.Application, settings: Settings, port: int, port_setting: str) -> None:
    """Serves until SIGTERM or SIGINT. Raises CannotListenError, and whatever the application's own start raises."""
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    runner = BoundedRunner(app, settings, shutdown_timeout=FINISHING_SECONDS)
    try:
        await _start(runner, told_to_stop)
        if not told_to_stop.is_set():
            await _listen(runner, settings.http_host, port, port_setting)
            log.info("listening", host=settings.http_host, port=port)
        await told_to_stop.wait()
        log.info("stopping")
    finally:
        await runner.cleanup()
    log.info("stopped")


async def _start(runner: web.AppRunner, told_to_stop: asyncio.Event) -> None:
    """Starts the application; a signal meanwhile ends the attempt."""
    starting = asyncio.ensure_future(runner.setup())
    stopping = asyncio.ensure_future(told_to_stop.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        return
    await starting


async def _listen(runner: web.AppRunner, host: str, port: int, port_setting: str) -> None:
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListenError(
                f"port {port} on {host} is in use: stop what uses it, or set {port_setting}"
            ) from error
        raise CannotListenError(
            f"cannot listen on {host}:{port} ({error.strerror}): set HTTP_HOST, {port_setting}"
        ) from error
