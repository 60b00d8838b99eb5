"""`verbatim doctor`: what this machine and this Verbatim need, each line all right or with what to do."""

import asyncio
import platform
import sys
from collections.abc import Callable

import click

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.data_folder import announced
from services.operator.environment import data_folder
from services.operator.reaching import CannotDoError, require_files, require_kafka, require_postgres
from shared.settings import Settings, read_settings

OLDEST_PYTHON = (3, 11)
Check = Callable[[Settings], str]
"""It gives what is there. Raises CannotDoError or CannotStartError, whose message says what to do."""


@click.command()
def doctor() -> None:
    """Check what Verbatim needs here: each line is all right, or says what to do."""
    settings = read_settings()
    found = [_examined(name, check, settings) for name, check in CHECKS]
    if not all(found):
        sys.exit(1)


def _examined(name: str, check: Check, settings: Settings) -> bool:
    try:
        said, well = check(settings), True
    except (CannotDoError, CannotStartError) as error:
        said, well = str(error), False
    click.echo(f"{'ok ' if well else 'NO '} {name:<10} {said}")
    return well


def _python(_: Settings) -> str:
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise CannotDoError(f"{platform.python_version()}: install Python 3.11 or newer")
    return platform.python_version()


def _java(_: Settings) -> str:
    from deploy.embedded.java import java_version  # noqa: PLC0415 - beside what needs it

    return str(java_version())


def _maven(_: Settings) -> str:
    from deploy.embedded.java import require_maven  # noqa: PLC0415 - beside what needs it
    from deploy.embedded.kafka_jars import cache_folder  # noqa: PLC0415 - likewise

    if cache_folder().is_dir():
        return f"not needed: Kafka is in {cache_folder()}"
    require_maven()
    return "there, to fetch Kafka with"


def _kafka(settings: Settings) -> str:
    asyncio.run(require_kafka(settings))
    return f"{settings.kafka_bootstrap_servers}, the topics are as they should be"


def _postgres(settings: Settings) -> str:
    require_postgres(settings)
    return "reached, every migration was applied"


def _files(settings: Settings) -> str:
    asyncio.run(require_files(settings))
    return f"kept in the bucket {settings.files_bucket}" if settings.files_bucket else str(settings.files_directory)


def _ports(settings: Settings) -> str:
    from deploy.embedded.ports import require_free  # noqa: PLC0415 - beside what needs it

    if announced(data_folder()) is not None:
        return f"in use by the Verbatim that runs on {data_folder()}"
    require_free(settings.http_host, settings.command_port, "COMMAND_PORT")
    require_free(settings.http_host, settings.query_port, "QUERY_PORT")
    return f"{settings.command_port} and {settings.query_port} are free"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("Python", _python),
    ("Java", _java),
    ("Maven", _maven),
    ("Kafka", _kafka),
    ("Postgres", _postgres),
    ("files", _files),
    ("ports", _ports),
)
