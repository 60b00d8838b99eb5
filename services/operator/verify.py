"""`verbatim verify`: whether the log keeps its promises, and whether the read tables say what the log says."""

import asyncio
import json
import sys

import click

from services.operator.reaching import CannotDoError, using_kafka, using_postgres
from services.operator.verifying.findings import Report
from shared.identifiers import StreamKind
from shared.settings import BadSettingError, Settings, read_settings


class CannotCheckError(CannotDoError):
    """What is to be checked cannot be reached."""

    exit_code = 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.option("--log-only", is_flag=True, help="Leave the read tables out.")
def verify(*, as_json: bool, log_only: bool) -> None:
    """Check the log and the read tables: nothing is changed, and the services may go on meanwhile.

    Reads both topics from their beginning: what counts under the claim rule, that every stream has versions without a
    gap in one partition, that every command is there once and whole, that statuses expired as they should; and folds
    all of it once more, in another way than the projector, to compare every row of the read tables. Exit status: 0 when
    nothing was found, 1 when something was, 2 when it could not be checked.
    """
    from services.operator.verifying.saying import in_words  # noqa: PLC0415 - heavy, and only here needed

    try:
        settings = read_settings()
    except BadSettingError as error:
        raise CannotCheckError(str(error)) from error
    report = asyncio.run(_check(settings, log_only=log_only))
    click.echo(json.dumps(report.as_json(), indent=2) if as_json else in_words(report))
    if not report.is_clean:
        sys.exit(1)


async def _check(settings: Settings, *, log_only: bool) -> Report:
    from services.operator.verifying.checking import Source, check  # noqa: PLC0415 - heavy, and only here needed
    from services.operator.verifying.log_reading import Going, LogIsSilentError  # noqa: PLC0415 - likewise
    from services.operator.verifying.saying import show  # noqa: PLC0415 - likewise

    source = Source(
        settings.kafka_bootstrap_servers,
        {kind.value: settings.topic(kind) for kind in StreamKind},
        None if log_only else settings.database_url,
        settings.schema("read"),
    )
    going = Going()
    showing = asyncio.create_task(show(going, sys.stderr))
    try:
        with using_kafka(settings), using_postgres():
            return await check(source, going)
    except CannotDoError as error:
        raise CannotCheckError(f"it could not be checked: {error.message}") from error
    except LogIsSilentError as error:
        raise CannotCheckError(f"it could not be checked: Kafka stopped answering ({error})") from error
    finally:
        showing.cancel()
        await asyncio.wait([showing])
