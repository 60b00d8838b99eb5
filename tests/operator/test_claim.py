"""`verbatim claim`: somebody who is only named in an archive is given a way to log in, once."""

from typing import Any

import pytest

from shared.identifiers import imported_id
from tests.fixtures.command_service import PASSWORD, CommandService
from tests.operator.command_line import one_line, typed_beside

GIVEN = f"{PASSWORD}\n"


async def import_people(service: CommandService, *source_ids: str) -> None:
    """Brings in people as an import does."""
    items = await service.imported(
        *({"kind": "person", "source": "gitter", "source_id": each, "name": f"Name of {each}"} for each in source_ids)
    )
    assert [each["outcome"] for each in items] == ["recorded"] * len(source_ids), items


async def log_in(service: CommandService, email: str) -> tuple[int, Any]:
    answer = await service.ask("POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
    return answer.status, answer.body.get("user_id")


async def claim(service: CommandService, source_id: str, email: str, given: str = GIVEN) -> Any:
    return await typed_beside(service.settings, "claim", "gitter", source_id, "--email", email, given=given)


async def test_whoever_is_claimed_logs_in_as_the_person_of_the_archive_and_nobody_claims_them_again(
    command_service: CommandService,
) -> None:
    await import_people(command_service, "17", "18")
    before = await log_in(command_service, "ada@example.com")

    claimed = await claim(command_service, "17", "ada@example.com")
    again = await claim(command_service, "17", "eve@example.com")
    same_email = await claim(command_service, "18", "Ada@example.com")

    assert before == (401, None)
    assert (claimed.exit_code, again.exit_code, same_email.exit_code) == (0, 1, 1)
    assert "ada@example.com can log in now" in claimed.stdout
    assert await log_in(command_service, "ada@example.com") == (200, imported_id("gitter", "17"))
    assert "Somebody can log in to this account already" in again.stderr
    assert "Somebody has registered with this email address" in same_email.stderr
    assert (await log_in(command_service, "eve@example.com"))[0] == 401


@pytest.mark.parametrize(
    ("email", "given", "said"),
    [
        ("ada@example.com", GIVEN, "nobody with this SOURCE_ID was imported from this SOURCE"),
        ("ada@example.com", "", "there is no password: give it on standard input"),
        ("ada@example.com", "short\n", "password: "),
        ("nonsense", GIVEN, "email: must be an email address"),
    ],
)
async def test_what_cannot_be_claimed_is_said_in_one_line_without_the_password(
    service_settings: Any, email: str, given: str, said: str
) -> None:
    refused = await typed_beside(service_settings, "claim", "gitter", "17", "--email", email, given=given)

    line = one_line(refused)
    assert said in line
    assert not given or given.strip() not in line
