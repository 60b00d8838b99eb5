"""`verbatim decisions`: the decision store, which is a cache of the log and can always be made anew from it."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from services.operator.logs import log_to_stderr
from services.operator.reaching import CannotDoError, require_kafka, require_postgres
from services.operator.wording import counted
from shared.identifiers import StreamKind
from shared.settings import Settings, read_settings

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition


@click.group()
def decisions() -> None:
    """The decision store: what the writers know of the log."""


@decisions.command()
@click.option("--topic", type=click.Choice([kind.value for kind in StreamKind]), help="Only the streams of this kind.")
@click.option("--partition", type=click.IntRange(min=0), help="Only the partition of this number.")
@click.option(
    "--take-over", is_flag=True, help="Take the partitions from the running command service INSTANCE_NAME meanwhile."
)
@click.option("--json", "as_json", is_flag=True, help="Print the partitions and their numbers of records as JSON.")
def rebuild(topic: str | None, partition: int | None, *, take_over: bool, as_json: bool) -> None:
    """Makes the decision store anew from the log's first record.

    The command service must be stopped or taken over; then it answers 503 for a moment, and has its partitions back.
    It is also the way to accept that the log went back: what was lost is lost, and writing goes on from what is there.
    """
    settings = read_settings()
    if partition is not None and partition >= settings.partitions:
        raise CannotDoError(f"there is no partition {partition}: they are 0 to {settings.partitions - 1} (PARTITIONS)")
    log_to_stderr()
    asyncio.run(require_kafka(settings))
    require_postgres(settings)
    done = asyncio.run(_rebuild(settings, _chosen(settings, topic, partition), take_over=take_over, as_json=as_json))
    if as_json:
        click.echo(json.dumps({"partitions": done}, indent=2))


def _chosen(settings: Settings, topic: str | None, number: int | None) -> "list[TopicPartition]":
    from shared.log.topics import partitions_of  # noqa: PLC0415 - heavy, and other commands start without it

    kinds = [StreamKind(topic)] if topic else list(StreamKind)
    return [each for kind in kinds for each in partitions_of(settings, kind) if number in (None, each.partition)]


async def _rebuild(
    settings: Settings, chosen: "list[TopicPartition]", *, take_over: bool, as_json: bool
) -> list[dict[str, Any]]:
    """Makes them anew, says each that is done unless that is wanted as JSON, and shows meanwhile how far it is."""
    # Here, and not above: the features and their libraries would make every other command start slowly.
    from services.command.app import FEATURES  # noqa: PLC0415
    from services.command.writing.rebuilding import CannotRebuildError, rebuild_partitions  # noqa: PLC0415
    from services.operator.verifying.log_reading import Going  # noqa: PLC0415
    from services.operator.verifying.saying import show  # noqa: PLC0415
    from shared.postgres import BY_KEY, open_pool  # noqa: PLC0415

    deciders = [decider for feature in FEATURES for decider in feature.deciders]
    pool = await open_pool(settings, server_settings=BY_KEY)
    instance = settings.instance_name if take_over else f"operator-{uuid4()}"
    going, done = Going(), list[dict[str, Any]]()
    made_anew = rebuild_partitions(settings, pool, deciders, chosen, instance, going, taking_over=take_over)
    showing = asyncio.create_task(show(going, sys.stderr))
    try:
        async for partition, records in made_anew:
            done.append({"topic": partition.topic, "partition": partition.partition, "records": records})
            if not as_json:
                click.echo(f"{partition.topic}-{partition.partition}: made anew from {counted(records, 'record')}")
    except CannotRebuildError as error:
        raise CannotDoError(str(error)) from error
    finally:
        showing.cancel()
        await asyncio.wait([showing])
        await pool.close()
    return done
