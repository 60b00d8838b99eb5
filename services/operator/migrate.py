"""`verbatim migrate`: brings the database up to date."""

import click

from services.operator.reaching import using_postgres
from shared.settings import read_settings


@click.command()
def migrate() -> None:
    """Bring every schema of the database up to date. Safe to run at any time."""
    from migrations.apply import SCHEMAS, apply_migrations  # noqa: PLC0415 - heavy, and other commands start without it

    settings = read_settings()
    with using_postgres():
        apply_migrations(settings.database_url, settings.schema_prefix)
    click.echo(f"up to date: {', '.join(settings.schema(name) for name in SCHEMAS)}")
