"""`verbatim up`: everything on this machine, until it is told to stop."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shared.settings import Settings, read_settings

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

WHERE_THINGS_ARE = """\
Verbatim is running, ready after {seconds:.1f} s. Stop it with Ctrl-C.
  commands   {command}  ({command}/docs)
  questions  {query}  ({query}/docs)
  Kafka      {kafka}
  Postgres   {postgres}
  all of it  {folder}/endpoints.json; the data, the keys and the logs are beside it
Three things to try:
  TOKEN=$(curl -s {command}/v1/auth/register -H 'Content-Type: application/json' -d '{{"username": "ada_'$RANDOM'", \
"email": "ada'$RANDOM'@example.org", "password": "Engine-1843", "display_name": "Ada"}}' | \
sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')
  POSITION=$(curl -s -X PATCH {command}/v1/me -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
-d '{{"display_name": "Ada, trying Verbatim"}}' | sed 's/.*"position": *"\\([^"]*\\)".*/\\1/')
  curl -s {query}/v1/me -H "Authorization: Bearer $TOKEN" -H "Min-Position: $POSITION"
"""


@click.command()
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this ends, or wants to.")
def up(*, stop_with_parent: bool) -> None:
    """Run Kafka, Postgres and both services here, until Ctrl-C or SIGTERM.

    KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL name servers of your own, which are then used and not started.
    """
    asyncio.run(_until_told_to_stop(read_settings(), stop_with_parent=stop_with_parent))


async def _until_told_to_stop(settings: Settings, *, stop_with_parent: bool) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in STOPPING_SIGNALS:
        loop.add_signal_handler(each, told.set)
    from deploy.embedded.parent import parent_ends  # noqa: PLC0415 - heavy, see COMMANDS

    endings: list[asyncio.Task[Any]] = [asyncio.create_task(told.wait())]
    if stop_with_parent:
        endings.append(asyncio.create_task(parent_ends()))
    run = asyncio.create_task(_run(settings))
    try:
        await asyncio.wait([run, *endings], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for ending in endings:
            ending.cancel()
    if not run.done():
        _say("stopping …")
        run.cancel()
        await asyncio.wait([run])
    if not run.cancelled():
        run.result()
    _say("Verbatim has stopped.")


async def _run(settings: Settings) -> None:
    from deploy.embedded.stack import Elsewhere, running  # noqa: PLC0415 - heavy, see COMMANDS

    began = time.monotonic()
    elsewhere = Elsewhere(os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), os.environ.get("DATABASE_URL"))
    _say("starting Kafka, Postgres and the services …")
    async with running(settings, elsewhere, _say) as verbatim:
        _say(
            WHERE_THINGS_ARE.format(
                seconds=time.monotonic() - began,
                command=verbatim.endpoints.command,
                query=verbatim.endpoints.query,
                kafka=verbatim.endpoints.kafka,
                postgres=_without_password(verbatim.endpoints.database),
                folder=_shortened(settings.verbatim_var),
            )
        )
        await verbatim.watch()


def _without_password(url: str) -> str:
    return url.rpartition("@")[2].split("?")[0]


def _shortened(folder: Path) -> Path:
    here, folder = Path.cwd(), folder.absolute()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


_say: Callable[[str], None] = click.echo
