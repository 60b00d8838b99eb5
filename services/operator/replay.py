"""`verbatim replay` and `verbatim export`: what the log says, to a terminal or to a file."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from services.operator.exporting import Format, JsonLines, Sink, writing_to
from services.operator.reaching import CannotDoError, using_kafka
from services.operator.wording import counted
from shared.identifiers import StreamKind
from shared.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.operator.verifying.log_reading import Going

STANDARD_OUTPUT = Path("-")
Time = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d"])


CHOICES: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option("--topic", "topics", multiple=True, type=click.Choice([kind.value for kind in StreamKind])),
    click.option("--stream", "streams", multiple=True, type=click.UUID, help="A user's or a conversation's id."),
    click.option("--type", "types", multiple=True, help="As recorded, or in short: message.sent."),
    click.option("--from-time", type=Time, help="Recorded at or after this time (UTC)."),
    click.option("--until-time", type=Time, help="Recorded before this time (UTC)."),
    click.option("--from-offset", type=click.IntRange(0), default=0, help="Of each partition."),
    click.option("--until-offset", type=click.IntRange(0), help="Of each partition, this one excluded."),
    click.option("--void", is_flag=True, help="Show claims and what does not count, too."),
)


def _choices(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that both have."""
    for option in CHOICES:
        command = option(command)
    return command


@click.command()
@_choices
def replay(**choices: Any) -> None:
    """Print what was recorded and counts, in each partition's order: one JSON object a line."""
    asyncio.run(_write(_wanted(choices), JsonLines(sys.stdout)))


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    help="Default: parquet for a PATH that ends so, else jsonl, one JSON object a line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print how many records were written as JSON.")
@_choices
def export(path: Path, form: Format | None, *, as_json: bool, **choices: Any) -> None:
    """Write what was recorded and counts to the file PATH, which must not be there yet.

    Parquet has a column for each attribute of a record, among them topic, partition, offset, type, subject (the
    stream), sequence (its version) and time; data is JSON.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    if path == STANDARD_OUTPUT:
        raise CannotDoError("export writes a file: name one, or see `verbatim replay`, which prints")
    if path.exists():
        raise CannotDoError(f"{path} is there already: remove it, or name another file")
    wanted = _wanted(choices)
    try:
        with writing_to(unfinished, form or ("parquet" if path.suffix == ".parquet" else "jsonl")) as sink:
            written = asyncio.run(_write_and_show(wanted, sink))
        unfinished.rename(path)
    except OSError as error:
        raise CannotDoError(f"{path} cannot be written ({error.strerror}): mend that, or name another file") from error
    finally:
        unfinished.unlink(missing_ok=True)
    said = f"{counted(written, 'record')} written to {path}"
    click.echo(json.dumps({"path": str(path), "records": written}) if as_json else said)


def _wanted(choices: dict[str, Any]) -> dict[str, Any]:
    _require_recorded(choices["types"])
    streams = tuple(str(each) for each in choices["streams"])
    return {name: _in_utc(value) for name, value in choices.items()} | {"streams": streams}


def _require_recorded(types: Sequence[str]) -> None:
    """Raises CannotDoError for a type that nothing is ever recorded as, with those that may have been meant."""
    from services.operator.verifying.choosing import is_named  # noqa: PLC0415 - heavy, and other commands start without
    from shared.events.catalogue import EVENT_BY_RECORDED_NAME  # noqa: PLC0415 - likewise
    from shared.log.records import CLAIM_TYPE  # noqa: PLC0415 - likewise

    recorded = [*EVENT_BY_RECORDED_NAME, CLAIM_TYPE]
    for given in types:
        if not any(is_named(each, given) for each in recorded):
            names = [each.removeprefix("verbatim.").removesuffix(".v1") for each in recorded]
            near = get_close_matches(given, names, cutoff=0.5) or sorted(names)
            raise CannotDoError(f"nothing is recorded as {given}. What is recorded: {', '.join(near)}")


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


async def _write_and_show(wanted: dict[str, Any], sink: Sink) -> int:
    """Writes, and shows meanwhile how far it is."""
    # Here, and not above: Kafka's client would make every other command start slowly.
    from services.operator.verifying.log_reading import Going  # noqa: PLC0415
    from services.operator.verifying.saying import show  # noqa: PLC0415

    going = Going()
    showing = asyncio.create_task(show(going, sys.stderr))
    try:
        return await _write(wanted, sink, going)
    finally:
        showing.cancel()
        await asyncio.wait([showing])


async def _write(wanted: dict[str, Any], sink: Sink, going: "Going | None" = None) -> int:
    written = 0
    async with aclosing(_records(read_settings(), wanted, going)) as records:
        async for record in records:
            sink.write(record)
            written += 1
    return written


async def _records(settings: Settings, wanted: dict[str, Any], going: "Going | None") -> AsyncGenerator[dict[str, Any]]:
    """The records to write. What goes wrong here is Kafka's fault, never the file's."""
    # Here, and not above: Kafka's client would make every other command start slowly.
    from services.operator.verifying.choosing import NoSuchTopicError, Wanted, chosen  # noqa: PLC0415
    from services.operator.verifying.log_reading import Going, LogIsSilentError  # noqa: PLC0415

    topics = {kind.value: settings.topic(kind) for kind in StreamKind}
    found = chosen(settings.kafka_bootstrap_servers, topics, Wanted(**wanted), going or Going())
    try:
        with using_kafka(settings):
            async with aclosing(found) as records:
                async for record in records:
                    yield record
    except NoSuchTopicError as error:
        raise CannotDoError(f"there is no topic {error}: correct TOPIC_PREFIX, or run verbatim topics") from error
    except LogIsSilentError as error:
        raise CannotDoError(f"Kafka stopped answering ({error}): see whether it is well, and try again") from error
