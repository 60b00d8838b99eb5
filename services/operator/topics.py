"""`verbatim topics`: the topics of the log, and the one of presence, made and checked."""

import asyncio

import click

from services.operator.reaching import using_kafka
from services.operator.wording import counted
from shared.identifiers import StreamKind
from shared.settings import read_settings


@click.command()
def topics() -> None:
    """Make the topics that are not there, and check that none of them could lose records or reorder them."""
    from shared.log.presence import presence_partition  # noqa: PLC0415 - heavy, and other commands start without it
    from shared.log.topics import ensure_topics  # noqa: PLC0415 - likewise

    settings = read_settings()
    with using_kafka(settings):
        asyncio.run(ensure_topics(settings))
    for kind in StreamKind:
        click.echo(f"{settings.topic(kind)}: {counted(settings.partitions, 'partition')}, kept for ever")
    click.echo(f"{presence_partition(settings).topic}: 1 partition, the last record of each user kept")
