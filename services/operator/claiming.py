"""`verbatim claim`: gives somebody who is only named in an archive an account to log in to."""

import asyncio
import sys

import click

from shared.identifiers import UserId, imported_id
from shared.settings import Settings, read_settings


@click.command()
@click.argument("source")
@click.argument("source_id")
@click.option("--email", required=True, help="The address they will log in with.")
def claim(source: str, source_id: str, email: str) -> None:
    """Make it possible to log in as the person SOURCE_ID of an import from SOURCE.

    The password comes from standard input.
    """
    password = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    _claim(read_settings(), UserId(imported_id(source, source_id)), email, password)
    click.echo(f"{email} can log in now")


def _claim(settings: Settings, user_id: UserId, email: str, password: str) -> None:
    from pydantic import ValidationError  # noqa: PLC0415 - heavy, and other commands start without it

    from services.operator.claims import Claim, grant  # noqa: PLC0415 - likewise
    from shared.web.bodies import field_errors  # noqa: PLC0415 - likewise
    from shared.web.problems import Problem  # noqa: PLC0415 - likewise

    try:
        asyncio.run(grant(settings, user_id, Claim(email=email, password=password)))
    except ValidationError as error:
        wrong = "; ".join(f"{each.pointer.strip('/')}: {each.message}" for each in field_errors(error))
        raise click.ClickException(wrong) from None
    except Problem as problem:
        raise click.ClickException(problem.detail or problem.title) from problem
