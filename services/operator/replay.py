"""`verbatim replay` and `verbatim export`: what the log says, a line of JSON a record, to a terminal or a file."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

import click

from services.operator.reaching import CannotDoError, using_kafka
from services.operator.wording import counted
from shared.identifiers import StreamKind
from shared.settings import Settings, read_settings

Time = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d"])


CHOICES: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option("--topic", "topics", multiple=True, type=click.Choice([kind.value for kind in StreamKind])),
    click.option("--stream", "streams", multiple=True, help="A user's or a conversation's id."),
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
    _write(choices, sys.stdout)


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@_choices
def export(path: Path, **choices: Any) -> None:
    """Write what was recorded and counts to the file PATH, which must not be there yet: one JSON object a line."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    if path.exists():
        raise CannotDoError(f"{path} is there already: remove it, or name another file")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            written = _write(choices, file)
        unfinished.rename(path)
    except OSError as error:
        raise CannotDoError(
            f"{path} cannot be written ({error.strerror}): make room there, or name another file"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{counted(written, 'record')} written to {path}")


def _write(choices: dict[str, Any], to: IO[str]) -> int:
    _require_recorded(choices["types"])
    return asyncio.run(_write_all(read_settings(), {name: _in_utc(value) for name, value in choices.items()}, to))


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


async def _write_all(settings: Settings, choices: dict[str, Any], to: IO[str]) -> int:
    written = 0
    async with aclosing(_lines(settings, choices)) as lines:
        async for line in lines:
            to.write(line + "\n")
            written += 1
    return written


async def _lines(settings: Settings, choices: dict[str, Any]) -> AsyncGenerator[str]:
    """The lines to write. What goes wrong here is Kafka's fault, never the file's."""
    # Here, and not above: Kafka's client would make every other command start slowly.
    from services.operator.verifying.choosing import NoSuchTopicError, Wanted, chosen  # noqa: PLC0415
    from services.operator.verifying.log_reading import LogIsSilentError  # noqa: PLC0415

    topics = {kind.value: settings.topic(kind) for kind in StreamKind}
    try:
        with using_kafka(settings):
            async with aclosing(chosen(settings.kafka_bootstrap_servers, topics, Wanted(**choices))) as records:
                async for record in records:
                    yield json.dumps(record, ensure_ascii=False)
    except NoSuchTopicError as error:
        raise CannotDoError(f"there is no topic {error}: correct TOPIC_PREFIX, or run verbatim topics") from error
    except LogIsSilentError as error:
        raise CannotDoError(f"Kafka stopped answering ({error}): see whether it is well, and try again") from error
