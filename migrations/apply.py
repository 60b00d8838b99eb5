"""Brings a schema of Postgres up to date. The SQL names tables without a schema, so that it runs into any."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from yoyo import default_migration_table, read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import parse_uri

FOLDER = Path(__file__).parent
SCHEMAS = ("accounts", "decisions", "expiration", "read")
CONNECT_SECONDS = 5
ADVISORY_LOCK = 0x7665726261  # yoyo's own lock is left behind by a crash; this one ends with its connection


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """What Postgres can do, yoyo need not try: each try in vain is an error in the server's log."""

    create_lock_table_sql = PostgresqlPsycopgBackend.create_lock_table_sql.replace(
        "CREATE TABLE", "CREATE TABLE IF NOT EXISTS"
    )

    def _check_transactional_ddl(self) -> bool:
        return True


def apply_migrations(database_url: str, schema_prefix: str = "") -> None:
    """Creates each schema that is not there and brings all of them up to date. Safe to run twice at the same time."""
    with only_one(database_url):
        for folder in SCHEMAS:
            migrate_schema(database_url, folder, f"{schema_prefix}{folder}")


def pending_migrations(database_url: str, schema_prefix: str = "") -> list[str]:
    """The names of the migrations that were not applied yet, by schema. Changes nothing."""
    pending: list[str] = []
    with _connected(database_url) as connection:
        for folder in SCHEMAS:
            applied = _applied(connection, f"{schema_prefix}{folder}")
            names = (migration.id for migration in read_migrations(str(FOLDER / folder)))
            pending += [f"{folder}/{name}" for name in names if name not in applied]
    return pending


def _applied(connection: "psycopg.Connection[tuple[str]]", schema: str) -> set[str]:
    table = sql.Identifier(schema, "_yoyo_migration")
    try:
        found = connection.execute(sql.SQL("SELECT migration_id FROM {}").format(table)).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return set()
    return {name for (name,) in found}


def migrate_schema(database_url: str, folder: str, schema: str) -> None:
    """Applies one folder's migrations into one schema, which is created when it is not there."""
    with _connected(database_url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    os.environ.setdefault("LOGNAME", "verbatim")  # yoyo records who applied a migration
    backend = _Backend(parse_uri(_yoyo_url(database_url, schema)), default_migration_table)
    backend.init_database()
    try:
        backend.apply_migrations(backend.to_apply(read_migrations(str(FOLDER / folder))))
    finally:
        backend.connection.close()


@contextmanager
def only_one(database_url: str) -> Iterator[None]:
    """Waits until nobody else migrates this database, and keeps others waiting meanwhile."""
    with _connected(database_url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        yield


def _connected(database_url: str) -> "psycopg.Connection[tuple[str]]":
    return psycopg.connect(database_url, autocommit=True, connect_timeout=CONNECT_SECONDS)


def _yoyo_url(database_url: str, schema: str) -> str:
    parts = urlsplit(database_url)
    query = urlencode([*parse_qsl(parts.query), ("schema", schema)])
    return urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, query, ""))
