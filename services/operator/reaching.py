"""Kafka, Postgres and the store of files as commands meet them: what is in the way is one line that says what to do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from services.operator.environment import with_remedy
from services.operator.wording import counted
from shared.settings import Settings


class CannotDoError(click.ClickException):
    """A command cannot be carried out; the message is one line with why, and with what to do."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Says it as `verbatim up` says why it cannot start."""
        click.echo(f"verbatim: {self.format_message()}", file=file, err=True)


@contextmanager
def using_kafka(settings: Settings) -> Iterator[None]:
    """Raises CannotDoError when Kafka cannot be used, or a topic is not as the log needs it."""
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - heavy, and other commands start without it

    from shared.log.topics import UnusableTopicError  # noqa: PLC0415 - likewise

    try:
        yield
    except UnusableTopicError as error:
        raise CannotDoError(str(error)) from error
    except (KafkaError, OSError) as error:
        raise CannotDoError(kafka_trouble(settings, error)) from error


def kafka_trouble(settings: Settings, error: BaseException) -> str:
    """One line that names the servers."""
    what = f"Kafka at {settings.kafka_bootstrap_servers} cannot be used ({type(error).__name__})"
    return _with_remedy(what, "KAFKA_BOOTSTRAP_SERVERS")


def _with_remedy(trouble: str, setting: str) -> str:
    return with_remedy(trouble, setting, is_named=setting in os.environ)


@contextmanager
def using_postgres() -> Iterator[None]:
    """Raises CannotDoError when Postgres cannot be used, or has not had every migration."""
    import asyncpg  # noqa: PLC0415 - heavy, and other commands start without it
    import psycopg  # noqa: PLC0415 - likewise

    from shared.postgres import AWAY  # noqa: PLC0415 - likewise

    try:
        yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
        raise CannotDoError(f"Postgres is not up to date ({error}): run verbatim migrate") from error
    except (asyncpg.PostgresError, psycopg.OperationalError, *AWAY) as error:
        what = f"Postgres cannot be used ({_reason(error)})"
        raise CannotDoError(_with_remedy(what, "DATABASE_URL")) from error


def _reason(error: BaseException) -> str:
    """Postgres' own words, which never name the password."""
    return next((line for line in str(error).strip().splitlines() if line), type(error).__name__)


async def require_kafka(settings: Settings) -> None:
    """Raises CannotDoError unless Kafka answers and has the topics as the log needs them."""
    from shared.log.topics import check_topics  # noqa: PLC0415 - heavy, and other commands start without it

    with using_kafka(settings):
        await check_topics(settings)


def require_postgres(settings: Settings) -> None:
    """Raises CannotDoError unless Postgres answers and has had every migration."""
    from migrations.apply import pending_migrations  # noqa: PLC0415 - heavy, and other commands start without it

    with using_postgres():
        pending = pending_migrations(settings.database_url, settings.schema_prefix)
    if pending:
        raise CannotDoError(
            f"Postgres lacks {counted(len(pending), 'migration')}, the first is {pending[0]}: run verbatim migrate"
        )


async def require_files(settings: Settings) -> None:
    """Raises CannotDoError unless files can be gathered in their folder and, where there is a bucket, kept in that."""
    folder = next(
        each for each in (settings.files_directory, *settings.files_directory.absolute().parents) if each.exists()
    )
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise CannotDoError(f"{settings.files_directory} cannot be written to: correct FILES_DIRECTORY, or {folder}")
    if settings.files_bucket and not await _answers(settings):
        raise CannotDoError(
            f"the bucket {settings.files_bucket} cannot be used: correct FILES_BUCKET…, or start its server"
        )


async def _answers(settings: Settings) -> bool:
    from services.command.files.bucket import bucket_store_of  # noqa: PLC0415 - heavy, and other commands start without it
    from services.command.files.contents import ContentIsMissingError  # noqa: PLC0415 - likewise
    from shared.web.downloads import Span  # noqa: PLC0415 - likewise
    from shared.web.problems import Unavailable  # noqa: PLC0415 - likewise

    try:
        await bucket_store_of(settings).open("0" * 64, Span(0, 1))
    except ContentIsMissingError:  # which the bucket could tell
        return True
    except Unavailable:
        return False
    return True
