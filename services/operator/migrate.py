"""`verbatim migrate`: brings the database up to date."""

import click

from services.operator.reaching import database_trouble
from shared.settings import read_settings


@click.command()
def migrate() -> None:
    """Bring every schema of the database up to date. Safe to run at any time."""
    import psycopg  # noqa: PLC0415 - heavy, and other commands start without it

    from migrations.apply import SCHEMAS, apply_migrations  # noqa: PLC0415 - likewise

    settings = read_settings()
    try:
        apply_migrations(settings.database_url, settings.schema_prefix)
    except psycopg.OperationalError as error:
        raise click.ClickException(database_trouble(error)) from error
    click.echo(f"up to date: {', '.join(settings.schema(name) for name in SCHEMAS)}")
