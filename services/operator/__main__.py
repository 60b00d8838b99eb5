"""`verbatim`: every command there is, and the environment they read."""

import sys

import click

from deploy.embedded.cannot_start import CannotStartError
from services.operator.environment import complete_environment
from services.operator.up import up
from shared.settings import BadSettingError

COMMANDS: tuple[click.Command, ...] = (up,)

verbatim = click.Group(
    "verbatim",
    commands={command.name: command for command in COMMANDS if command.name},
    help="Runs and looks after Verbatim. Settings come from the environment and .env; see .env.example.",
)


def main() -> None:
    """Runs one command. What cannot be done for a reason outside is one line and exit status 1."""
    complete_environment()
    try:
        verbatim()
    except (BadSettingError, CannotStartError) as error:
        click.echo(f"verbatim: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
