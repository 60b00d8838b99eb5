"""Accounts of people who are only named in an archive, and who is known."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.command.accounts import Accounts
from services.command.accounts.refusals import AccountHasOwner, AccountUnknown, EmailTaken, WrongCredentials
from shared.identifiers import UserId
from shared.postgres import close_pool, open_pool
from shared.settings import Settings

PASSWORD = "Correct1horse"


@pytest.fixture
async def accounts(database_url: str) -> AsyncIterator[Accounts]:
    settings = Settings(database_url=database_url)
    pool = await open_pool(settings)
    found = Accounts(settings, pool)
    yield found
    found.close()
    await close_pool(pool)


def somebody() -> UserId:
    return UserId(str(uuid4()))


async def test_somebody_imported_has_one_name_for_good(accounts: Accounts) -> None:
    ada = somebody()
    names = [await accounts.imported(ada, name) for name in ("ada-l", "ada-l", "renamed")]
    assert names == ["ada_l"] * 3


async def test_the_second_of_a_name_has_some_of_its_id(accounts: Accounts) -> None:
    first, second = somebody(), somebody()
    names = [await accounts.imported(first, "ada"), await accounts.imported(second, "ADA")]
    assert names == ["ada", f"ADA_{second[:6]}"]


async def test_many_of_a_name_at_once_have_names_of_their_own(accounts: Accounts) -> None:
    names = await asyncio.gather(*(accounts.imported(somebody(), "ada") for _ in range(10)))
    assert len({name.lower() for name in names}) == 10


async def test_one_imported_at_the_same_time_twice_is_one(accounts: Accounts) -> None:
    ada = somebody()
    assert len(set(await asyncio.gather(*(accounts.imported(ada, "ada") for _ in range(10))))) == 1


async def test_nobody_logs_in_to_an_imported_account_until_it_is_claimed(accounts: Accounts) -> None:
    ada = somebody()
    await accounts.imported(ada, "ada")
    with pytest.raises(WrongCredentials):
        await accounts.authenticated("ada@example.com", PASSWORD)
    await accounts.claim(ada, "ada@example.com", PASSWORD)
    assert (await accounts.authenticated("ADA@example.com", PASSWORD)).user_id == ada


async def test_an_account_is_claimed_once(accounts: Accounts) -> None:
    ada, eve = somebody(), somebody()
    for user in (ada, eve):
        await accounts.imported(user, "ada")
    await accounts.claim(ada, "ada@example.com", PASSWORD)
    with pytest.raises(AccountHasOwner):
        await accounts.claim(ada, "other@example.com", PASSWORD)
    with pytest.raises(EmailTaken):
        await accounts.claim(eve, "Ada@example.com", PASSWORD)
    with pytest.raises(AccountUnknown):
        await accounts.claim(somebody(), "nobody@example.com", PASSWORD)


async def test_the_unknown_are_named_in_the_order_asked(accounts: Accounts) -> None:
    ada, eve, bob = somebody(), somebody(), somebody()
    await accounts.imported(ada, "ada")
    assert await accounts.unknown_among([eve, ada, bob, eve]) == [eve, bob]
    assert await accounts.unknown_among([]) == []
