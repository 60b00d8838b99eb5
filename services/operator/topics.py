"""`verbatim topics`: the topics of the log, made and checked."""

import asyncio

import click

from services.operator.reaching import kafka_trouble
from shared.identifiers import StreamKind
from shared.settings import read_settings


@click.command()
def topics() -> None:
    """Make the topics that are not there, and check that none of them could lose records or reorder them."""
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - heavy, and other commands start without it

    from shared.log.topics import UnusableTopicError, ensure_topics  # noqa: PLC0415 - likewise

    settings = read_settings()
    try:
        asyncio.run(ensure_topics(settings))
    except UnusableTopicError as error:
        raise click.ClickException(str(error)) from error
    except (KafkaError, TimeoutError, OSError) as error:
        raise click.ClickException(kafka_trouble(settings.kafka_bootstrap_servers, error)) from error
    for kind in StreamKind:
        click.echo(f"{settings.topic(kind)}: {settings.partitions} partitions, kept for ever")
