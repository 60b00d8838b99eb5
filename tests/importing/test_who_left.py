"""Whoever left for good was there when the archive was written: what they said is imported all the same."""

from dataclasses import astuple
from pathlib import Path

from services.command.accounts import Accounts
from services.operator.importing import gitter
from services.operator.importing.archives import Archive
from services.operator.importing.posting import posting_to
from services.operator.importing.sending import send
from services.operator.importing.tally import Tally
from shared.identifiers import UserId, imported_id
from shared.postgres import close_pool, open_pool
from tests.fixtures.command_service import PASSWORD, CommandService

SAMPLE = Path(__file__).parents[1] / "samples" / "gitter"
EMAIL = "left@example.com"


async def imported(service: CommandService, archive: Archive) -> Tally:
    tally = Tally(archive)
    await send(archive, posting_to(service.url, service.operator_token, service.session), tally)
    return tally


async def claim_and_leave(service: CommandService, user_id: str) -> None:
    """Somebody finds themselves in an archive, takes their account over, and leaves for good."""
    pool = await open_pool(service.settings)
    accounts = Accounts(service.settings, pool)
    await accounts.claim(UserId(user_id), EMAIL, PASSWORD)
    accounts.close()
    await close_pool(pool)
    signed_in = await service.ask("POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD})
    left = await service.ask("DELETE", "/v1/me", token=signed_in.body["access_token"])
    assert left.status == 200, left


async def test_a_second_import_appends_and_refuses_nothing_when_somebody_has_left_meanwhile(
    command_service: CommandService,
) -> None:
    archive = gitter.read_archive(SAMPLE)
    first = await imported(command_service, archive)
    await claim_and_leave(command_service, imported_id("gitter", archive.rooms[0].started_by))

    again = await imported(command_service, archive)

    assert again.appended == 0
    assert {kind: count.already_there for kind, count in again.counts.items()} == {
        kind: count.recorded for kind, count in first.counts.items()
    }
    assert sorted(map(astuple, again.refused)) == sorted(map(astuple, first.refused))


async def test_who_has_no_account_at_all_said_nothing_that_is_imported(command_service: CommandService) -> None:
    line = {"kind": "conversation", "source": "gitter", "source_id": "r", "title": "Room", "started_by": "nobody"}
    items = await command_service.imported(line | {"occurred_at": "2016-01-01T00:00:00Z"})
    assert [(each["outcome"], each["code"]) for each in items] == [("refused", "actor-is-unknown")]
