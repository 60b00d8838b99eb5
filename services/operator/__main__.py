"""`verbatim`: every command there is, and the environment they read."""

import logging
from typing import Any

import click

from deploy.embedded.cannot_start import CannotStartError
from services.operator.claiming import claim
from services.operator.decisions import decisions
from services.operator.doctor import doctor
from services.operator.environment import adopt_running_servers, complete_environment
from services.operator.expirations import expirations
from services.operator.importing.command import importing
from services.operator.migrate import migrate
from services.operator.parked import parked
from services.operator.projections import projections
from services.operator.reaching import CannotDoError
from services.operator.replay import export, replay
from services.operator.topics import topics
from services.operator.up import up
from services.operator.verify import verify
from shared.garbage import collect_seldom
from shared.settings import BadSettingError

COMMANDS: tuple[click.Command, ...] = (
    up,
    migrate,
    topics,
    doctor,
    importing,
    claim,
    decisions,
    replay,
    export,
    verify,
    projections,
    parked,
    expirations,
)

STARTS_ITS_OWN = "up"


class _Verbatim(click.Group):
    """What cannot be done for a reason outside is one line and exit status 1, whichever command it was."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (BadSettingError, CannotStartError) as error:
            raise CannotDoError(str(error)) from error


@click.pass_context
def _find_what_runs(context: click.Context) -> None:
    if context.invoked_subcommand != STARTS_ITS_OWN:
        adopt_running_servers()


verbatim = _Verbatim(
    "verbatim",
    commands={command.name: command for command in COMMANDS if command.name},
    help="Runs and looks after Verbatim. Settings come from the environment and .env; see .env.example.",
    callback=_find_what_runs,
)


def main() -> None:
    """Runs one command."""
    collect_seldom()
    complete_environment()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is told in our own one line
    verbatim(prog_name="verbatim")


if __name__ == "__main__":
    main()
