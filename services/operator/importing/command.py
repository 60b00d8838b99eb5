"""`verbatim import FORMAT PATH`: brings an archive in and says what became of everything in it."""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

import aiohttp
import click

from deploy.embedded.data_folder import announced
from services.operator.environment import data_folder, with_remedy
from services.operator.importing.archives import Archive, NoArchiveError
from services.operator.importing.gitter import read_archive as read_gitter
from services.operator.importing.irc import read_archive as read_irc
from services.operator.importing.posting import NotNowError, RejectedError, posting_to, see_it_answers
from services.operator.importing.saying import in_words, progress_of
from services.operator.importing.sending import GaveUpError, send
from services.operator.importing.slack import read_archive as read_slack
from services.operator.importing.tally import Tally
from services.operator.importing.zulip import read_archive as read_zulip
from services.operator.reaching import CannotDoError
from services.operator.wording import counted
from shared.settings import Settings, read_settings

WORD = re.compile(r"[a-z0-9-]{0,30}")


@click.group("import")
def importing() -> None:
    """Bring in the history of another chat, through a running command service."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every format is asked: where to send an archive, and how to report what became of it."""

    url: str | None
    token_file: Path | None
    report_file: Path | None
    as_json: bool


def _imports(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command PATH and what `Wanted` has, as `path` and `wanted`, besides options of its own."""

    @click.argument("path", type=click.Path(exists=True, path_type=Path))
    @click.option("--url", help="The command service. Default: the one that `make run` runs.")
    @click.option("--token-file", type=click.Path(path_type=Path), help="The file with the operator's token.")
    @click.option(
        "--report", "report_file", type=click.Path(path_type=Path), help="Write the full report here, as JSON."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print the full report as JSON.")
    @wraps(command)
    def run(
        *, path: Path, url: str | None, token_file: Path | None, report_file: Path | None, as_json: bool, **its_own: Any
    ) -> None:
        command(path=path, wanted=Wanted(url, token_file, report_file, as_json), **its_own)

    return run


def _word(_: click.Context, __: click.Parameter, value: str) -> str:
    if WORD.fullmatch(value):
        return value
    raise click.BadParameter("up to 30 small letters, digits and hyphens")


@importing.command()
@_imports
def gitter(path: Path, wanted: Wanted) -> None:
    """Import Gitter's archive at PATH: a .tsv file, or a folder with such files, or with a folder `archives` of them.

    Importing again changes nothing, and goes on where an import was stopped.
    """
    _bring_in(partial(read_gitter, path), wanted)


@importing.command()
@_imports
@click.option("--channel", help="The channel's name. Default: the one that people join in the logs.")
def irc(path: Path, wanted: Wanted, channel: str | None) -> None:
    """Import an IRC channel's logs at PATH: a file DATE….raw.txt, or a folder that has such files somewhere in it.

    A file DATE….annotation.txt beside one says which of its lines answers which.
    Importing again changes nothing, and goes on where an import was stopped.
    """
    _bring_in(partial(read_irc, path, channel), wanted)


@importing.command()
@_imports
def slack(path: Path, wanted: Wanted) -> None:
    """Import Slack's export in the folder PATH: channels.json, and a folder for each channel.

    Importing again changes nothing, and goes on where an import was stopped.
    """
    _bring_in(partial(read_slack, path), wanted)


@importing.command()
@_imports
@click.option(
    "--organisation", default="", callback=_word, help="A word for where it comes from, if not all is of one."
)
def zulip(path: Path, wanted: Wanted, organisation: str) -> None:
    """Import an archive of Zulip in the folder PATH: stream_index.json, and a folder for each stream.

    It is one that the tool zulip-archive makes; in its repositories it is the folder zulip_json.
    Importing again changes nothing, and goes on where an import was stopped.
    """
    _bring_in(partial(read_zulip, path, organisation), wanted)


def _bring_in(read: Callable[[], Archive], wanted: Wanted) -> None:
    """Reads an archive, sends it and reports."""
    settings = read_settings()
    try:
        archive = read()
    except (NoArchiveError, OSError) as error:
        raise CannotDoError(str(error)) from error
    if not archive.rooms:
        raise CannotDoError(_nothing_in(archive))
    tally = Tally(archive)
    token = operator_token(settings, wanted.token_file)
    gave_up = asyncio.run(_import(archive, _place(settings, wanted), token, tally))
    report = json.dumps(tally.report() | {"complete": gave_up is None}, ensure_ascii=True, indent=2)
    click.echo(report if wanted.as_json else in_words(tally))
    if wanted.report_file:
        _write(report, wanted.report_file)
    if gave_up:
        raise CannotDoError(f"{gave_up}. Import again to go on from here")


def _write(report: str, file: Path) -> None:
    try:
        file.write_text(report + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotDoError(f"the report cannot be written to {file} ({error.strerror}): name another file") from error


def _nothing_in(archive: Archive) -> str:
    """What to say of an archive without a single message."""
    if not archive.left_out:
        return "there is no message in it: is this the right place?"
    first = archive.left_out[0]
    return (
        f"no message in it could be read, of {counted(len(archive.left_out), 'row')}. The first is {first.place.file}:"
        f"{first.place.row}: {first.reason}. Is it an archive in this format?"
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the command service is, and whether somebody said so: otherwise it is its usual port here."""

    url: str
    is_named: bool


def _place(settings: Settings, wanted: Wanted) -> _Place:
    running = announced(data_folder())
    named = wanted.url or settings.command_url or (running.command if running else "")
    return _Place((named or f"http://127.0.0.1:{settings.command_port}").rstrip("/"), is_named=bool(named))


def operator_token(settings: Settings, token_file: Path | None) -> str:
    """The operator's token. Raises CannotDoError when its file is not there."""
    file = token_file or settings.operator_token_file
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CannotDoError(
            f"the operator's token cannot be read from {file}: start `make run`, or name the file with --token-file"
        ) from error


async def _import(archive: Archive, place: _Place, token: str, tally: Tally) -> GaveUpError | None:
    async with aiohttp.ClientSession() as session:
        try:
            await see_it_answers(place.url, session)
        except NotNowError as error:
            raise CannotDoError(with_remedy(str(error), "--url", is_named=place.is_named)) from error
        showing = asyncio.create_task(progress_of(tally, sys.stderr))
        try:
            await send(archive, posting_to(place.url, token, session), tally)
        except GaveUpError as error:
            return error
        except RejectedError as error:
            raise CannotDoError(str(error)) from error
        finally:
            showing.cancel()
            await asyncio.wait([showing])
    return None
