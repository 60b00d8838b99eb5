"""`verbatim` as an operator types it: the whole command line, in this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import fields

from click.testing import CliRunner, Result

from services.operator.__main__ import verbatim
from shared.settings import Settings

NOTHING_IS_HERE = "127.0.0.1:1"
NOTHING_RUNS = {"VERBATIM_VAR": "a-folder-that-is-not-there"}


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that these settings are read from."""
    return {field.name.upper(): str(getattr(settings, field.name)) for field in fields(Settings)}


def typed(environment: Mapping[str, str], *words: str, given: str | bytes = "") -> Result:
    """Runs a command with this environment and this standard input, whatever `make run` runs beside the tests."""
    return CliRunner().invoke(verbatim, words, env={**environment, **NOTHING_RUNS}, input=given)


async def typed_beside(settings: Settings, *words: str, given: str = "") -> Result:
    """Runs a command while what the test started goes on; what that logs meanwhile is beside what the command says."""
    return await asyncio.to_thread(typed, environment_of(settings), *words, given=given)


def one_line(refused: Result, *, status: int = 1) -> str:
    """The one line with which a command refused, having said nothing else."""
    assert (refused.exit_code, refused.stdout) == (status, ""), refused.output
    (line,) = refused.stderr.splitlines()
    assert line.startswith("verbatim: "), line
    return line
