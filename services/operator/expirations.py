"""`verbatim expirations`: which statuses are to be cleared and when, and what could not be done."""

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from services.operator.reaching import using_postgres
from services.operator.wording import counted
from shared.settings import Settings, read_settings
from shared.web.times import time_text

if TYPE_CHECKING:
    from services.command.expiration.schedule import Schedule

STATES = ("waiting", "failed", "done")
LISTED_AT_MOST = 1_000


@click.command()
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option(
    "--limit", type=click.IntRange(1, LISTED_AT_MOST), default=100, show_default=True, help="How many at most."
)
@click.option("--again", is_flag=True, help="Make the schedule anew from the log first: for when the log went back.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def expirations(*, state: str | None, limit: int, again: bool, as_json: bool) -> None:
    """List the expiries of statuses: those that failed first, then those that wait, then those that are done."""
    found = asyncio.run(_expirations(read_settings(), state, limit, again=again))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if again:
        click.echo("the schedule is being made anew by the running command services")
    for job in found["jobs"]:
        click.echo(_line(job))
    counts = ", ".join(f"{found['counts'].get(each, 0):,} {each}" for each in STATES)
    click.echo(counts if found["overdue"] == 0 else f"{counts}; {found['overdue']:,} overdue")


def _line(job: dict[str, Any]) -> str:
    times = counted(job["attempts"], "time")
    tried = f", tried in vain {times}, last: {job['last_error']}" if job["attempts"] else ""
    next_try = f", next try {job['next_try_at']}" if job["next_try_at"] else ""
    return f"{job['state']:7} {job['job_id']} due {job['due_at']}{tried}{next_try}"


async def _expirations(settings: Settings, state: str | None, limit: int, *, again: bool) -> dict[str, Any]:
    from services.command.expiration.schedule import Schedule  # noqa: PLC0415  # takes a while to load
    from shared.postgres import open_pool  # noqa: PLC0415  # likewise

    with using_postgres():
        async with await open_pool(settings, max_size=1) as pool:
            schedule = Schedule(pool, settings.schema("expiration"))
            if again:
                await schedule.begin_again()
            return await _found(schedule, state, limit)


async def _found(schedule: "Schedule", state: str | None, limit: int) -> dict[str, Any]:
    jobs = [{name: _plain(value) for name, value in row.items()} for row in await schedule.listed(state, limit)]
    counts, overdue = await schedule.counts()
    return {"jobs": jobs, "counts": counts, "overdue": overdue}


def _plain(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value
