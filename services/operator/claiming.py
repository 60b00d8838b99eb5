"""`verbatim claim`: gives somebody who is only named in an archive an account to log in to."""

import asyncio
import sys

import click

from services.operator.reaching import CannotDoError, require_postgres
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
    settings = read_settings()
    require_postgres(settings)
    _claim(settings, UserId(imported_id(source, source_id)), email, _password())
    click.echo(f"{email} can log in now")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CannotDoError("there is no password: give it on standard input, as one line")
    return password


def _claim(settings: Settings, user_id: UserId, email: str, password: str) -> None:
    from pydantic import ValidationError  # noqa: PLC0415 - heavy, and other commands start without it

    from services.command.accounts.refusals import AccountUnknown  # noqa: PLC0415 - likewise
    from services.operator.claims import Claim, grant  # noqa: PLC0415 - likewise
    from shared.web.bodies import field_errors  # noqa: PLC0415 - likewise
    from shared.web.problems import Problem  # noqa: PLC0415 - likewise

    try:
        asyncio.run(grant(settings, user_id, Claim(email=email, password=password)))
    except ValidationError as error:
        wrong = "; ".join(f"{each.pointer.strip('/')}: {each.message}" for each in field_errors(error))
        raise CannotDoError(wrong) from None
    except AccountUnknown as problem:
        raise CannotDoError(
            "nobody with this SOURCE_ID was imported from this SOURCE: import the archive first, or correct them"
        ) from problem
    except Problem as problem:
        raise CannotDoError(problem.detail or problem.title) from problem
