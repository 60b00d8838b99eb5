"""`verbatim projections …`: how the read tables are, and making them anew beside the live ones."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from services.operator.logs import log_to_stderr
from services.operator.reaching import CannotDoError, require_kafka, require_postgres, using_postgres
from services.operator.wording import counted
from shared.settings import read_settings
from shared.web.times import time_text

if TYPE_CHECKING:
    from services.projector.comparing import Compared
    from services.projector.rebuilding import Rebuilding

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
although_behind = click.option(
    "--although-behind", is_flag=True, help="Switch even if readers go back: for when the log itself went back."
)


@click.group()
def projections() -> None:
    """Look at the read tables, make them anew beside the live ones, compare, switch and go back."""


@projections.command()
@as_json
def status(*, as_json: bool) -> None:
    """Say which schemas there are and how far each has come."""
    found = _run(_status())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if not found:
        raise CannotDoError("there are no read tables: run verbatim migrate")
    for each in found:
        filled = f"filled {each['filled_at']}" if each["filled_at"] else "not filled yet"
        at_work = ", being followed" if each["followed"] else ""
        how = f"{counted(each['records'], 'record')}, {filled}{at_work}, {each['parked']:,} parked"
        click.echo(f"{each['role']:9} {each['schema']}: {how}")


@projections.command()
@click.option("--no-switch", is_flag=True, help="Leave the live tables as they are.")
@as_json
def rebuild(*, no_switch: bool, as_json: bool) -> None:
    """Make the tables anew from the log, compare, and switch to them if they are equal. Run again, it resumes."""
    from services.operator.filling import showing_filling  # noqa: PLC0415  # rich takes a while to load

    settings = read_settings()
    asyncio.run(require_kafka(settings))
    require_postgres(settings)
    compared = _run(_rebuild(showing_filling(sys.stderr), switch=not no_switch))
    if not all(each.equal for each in compared):
        _say_compared(compared, as_json=as_json)
        raise CannotDoError(
            "they differ, so nothing was switched. If that is what the rebuild is for: verbatim projections switch"
        )
    _say_compared(compared, as_json=as_json, switched=not no_switch)


@projections.command()
@as_json
def compare(*, as_json: bool) -> None:
    """Compare the new tables, which `rebuild --no-switch` leaves, with the live ones, row by row at the same offsets.

    Exit status 1 if they differ.
    """
    from services.operator.filling import showing_filling  # noqa: PLC0415  # rich takes a while to load

    with showing_filling(sys.stderr) as say:
        compared = _run(_rebuilding().compare(say))
    _say_compared(compared, as_json=as_json)
    if not all(each.equal for each in compared):
        sys.exit(1)


@projections.command()
@although_behind
def switch(*, although_behind: bool) -> None:
    """Make the new tables the live ones, and keep those that were."""
    _run(_rebuilding().switch(although_behind=although_behind))
    click.echo("switched; `verbatim projections rollback` goes back")


@projections.command()
@although_behind
def rollback(*, although_behind: bool) -> None:
    """Make the tables that were live before the last switch live again, once they have caught up."""
    _run(_rebuilding().roll_back(although_behind=although_behind))
    click.echo("gone back; another rollback undoes it")


def _rebuilding() -> "Rebuilding":
    from services.projector.projections import PROJECTIONS  # noqa: PLC0415  # takes a while to load
    from services.projector.rebuilding import Rebuilding  # noqa: PLC0415

    return Rebuilding(read_settings(), PROJECTIONS)


async def _rebuild(say: Any, *, switch: bool) -> "list[Compared]":
    """Fills and compares; switches, if that is wanted, where all is equal."""
    rebuilding = _rebuilding()
    async with rebuilding.alone():
        with say as saying:
            await rebuilding.fill(saying)
            compared = await rebuilding.compare(saying)
        if switch and all(each.equal for each in compared):
            await rebuilding.switch()
        return compared


async def _status() -> list[dict[str, Any]]:
    import asyncpg  # noqa: PLC0415  # takes a while to load

    from services.projector.rebuilding import CONNECT_SECONDS  # noqa: PLC0415
    from services.projector.schemas import standing_of  # noqa: PLC0415

    rebuilding = _rebuilding()
    connection = await asyncpg.connect(rebuilding.settings.database_url, timeout=CONNECT_SECONDS)
    try:
        found = [(role, await standing_of(connection, name)) for role, name in asdict(rebuilding.schemas).items()]
    finally:
        await connection.close()
    return [
        {"role": role, **asdict(each), "filled_at": time_text(each.filled_at)}
        for role, each in found
        if each is not None
    ]


def _say_compared(compared: "list[Compared]", *, as_json: bool, switched: bool = False) -> None:
    if as_json:
        tables = [asdict(each) | {"equal": each.equal} for each in compared]
        click.echo(json.dumps({"equal": all(each.equal for each in compared), "switched": switched, "tables": tables}))
        return
    for each in compared:
        differences = f"{each.different:,} different, {each.missing:,} missing, {each.extra:,} too many"
        click.echo(f"{each.table}: {counted(each.same, 'row')} equal" + ("" if each.equal else f"; {differences}"))
        for key in each.examples:
            click.echo(f"  {key}")
    if switched:
        click.echo("switched; `verbatim projections rollback` goes back")


def _run(activity: Coroutine[Any, Any, Any]) -> Any:
    """Runs it; what cannot be done is one line."""
    import uvloop  # noqa: PLC0415  # takes a while to load

    from services.projector.comparing import CannotCompareError  # noqa: PLC0415  # takes a while to load
    from services.projector.schemas import CannotSwitchError  # noqa: PLC0415

    log_to_stderr()
    try:
        with using_postgres():
            return uvloop.run(activity)
    except (CannotCompareError, CannotSwitchError) as error:
        raise CannotDoError(str(error)) from error
