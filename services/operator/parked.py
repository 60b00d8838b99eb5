"""`verbatim parked …`: what could not be projected, and its release after a fix."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

import click

from services.operator.logs import log_to_stderr
from services.operator.reaching import CannotDoError
from shared.settings import Settings, read_settings
from shared.web.times import time_text

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
LISTED = """
SELECT topic, partition, record_offset, why, reason, stream_id, length(value) AS bytes, parked_at
FROM parked_records ORDER BY topic, partition, record_offset
"""
SHOWN = "SELECT * FROM parked_records WHERE topic = $1 AND partition = $2 AND record_offset = $3"

LAST_PARTITION, LAST_OFFSET = 2**31 - 1, 2**63 - 1


@click.group()
def parked() -> None:
    """Look at what could not be projected, and release it after a fix."""


@parked.command("list")
@as_json
def list_parked(*, as_json: bool) -> None:
    """List every parked record with its place and why it is parked. Nothing of its content is shown."""
    rows = [dict(row) | {"parked_at": time_text(row["parked_at"])} for row in asyncio.run(_rows(LISTED))]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        stream = f" stream {row['stream_id']}" if row["stream_id"] else ""
        place = f"{row['topic']} {row['partition']} {row['record_offset']}"
        click.echo(f"{place}: {row['why']},{stream} {row['bytes'] or 0:,} bytes: {row['reason']}")
    click.echo(f"{len(rows):,} parked")


@parked.command()
@click.argument("topic")
@click.argument("partition", type=click.IntRange(0, LAST_PARTITION))
@click.argument("offset", type=click.IntRange(0, LAST_OFFSET))
def show(topic: str, partition: int, offset: int) -> None:
    """Show one parked record as it is in the log: this may be what people wrote."""
    rows = asyncio.run(_rows(SHOWN, topic, partition, offset))
    if not rows:
        raise CannotDoError("nothing is parked there: `verbatim parked list` says where something is")
    for name, value in rows[0].items():
        if name != "value":
            click.echo(f"{name}: {value}")
    click.echo(repr(rows[0]["value"]))


@parked.command()
@click.option("--stream", "stream_id", help="Release this stream alone.")
@as_json
def release(stream_id: str | None, *, as_json: bool) -> None:
    """Apply what is parked, in order. A stream that fails again stays parked from there on."""
    log_to_stderr()
    released = asyncio.run(_release(stream_id))
    if as_json:
        click.echo(json.dumps(released))
    else:
        click.echo("{applied:,} applied, {void:,} did not count, {left:,} still parked".format(**released))
    if released["left"]:
        raise CannotDoError("what is still parked needs a fix first: `verbatim parked list` says why")


async def _rows(sql: str, *arguments: Any) -> list[Any]:
    async with _connected(read_settings()) as connection:
        return list(await connection.fetch(sql, *arguments))


async def _release(stream_id: str | None) -> dict[str, int]:
    from services.projector.projections import PROJECTIONS  # noqa: PLC0415  # takes a while to load
    from services.projector.releasing import release as release_parked  # noqa: PLC0415

    async with _connected(read_settings()) as connection:
        return asdict(await release_parked(connection, PROJECTIONS, stream_id))


def _connected(settings: Settings) -> Any:
    from services.operator.live_tables import connected_to_live_tables  # noqa: PLC0415  # takes a while to load

    return connected_to_live_tables(settings)
