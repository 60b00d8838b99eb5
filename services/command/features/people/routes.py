"""Registering, logging in and out, and one's own profile over HTTP."""

from dataclasses import asdict

import msgspec
from msgspec.structs import replace

from services.command.accounts.refusals import (
    AccountUnknown,
    EmailTaken,
    RefreshTokenInvalid,
    UsernameTaken,
    WrongCredentials,
)
from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted, KeyUsedForOther
from services.command.feature import Feature
from services.command.features.people.agent_routes import AGENT_ROUTES
from services.command.features.people.bodies import LogInBody, ProfileBody, RefreshTokenBody, RegistrationBody
from services.command.features.people.deactivating import deactivate
from services.command.features.people.decider import PEOPLE, ChangeProfile, UserIsUnknown
from services.command.features.people.registering import finish, register, user_id_of
from services.command.rate_limits import TooManyRequests
from shared.identifiers import random_key
from shared.web.problems import OutcomeUnknown, Unavailable
from shared.web.routes import Access, Route
from shared.web.times import Time, time_text


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens. The access token is good for `expires_in` seconds; the refresh token once."""

    user_id: str
    access_token: str
    refresh_token: str
    expires_in: int


class Registered(CommandAccepted, frozen=True, kw_only=True):
    """Somebody has joined, and is logged in."""

    user_id: str
    access_token: str
    refresh_token: str
    expires_in: int


class ProfileAccepted(CommandAccepted, frozen=True, kw_only=True):
    """The profile is as asked."""

    user_id: str


class Left(CommandAccepted, frozen=True, kw_only=True):
    """The account is closed, for good."""

    user_id: str


class LoggedOut(msgspec.Struct, frozen=True):
    """The refresh token is worth nothing any more."""


class OwnAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What only I may see of my account. One that was imported has no email until it is claimed."""

    user_id: str
    email: str | None
    username: str
    is_active: bool
    created_at: Time
    updated_at: Time


async def join(asked: Asked[RegistrationBody]) -> Accepted:
    user_id = user_id_of(asked.incoming.key or random_key())
    wanted = asked.body.wanted(user_id)
    accepted = await register(wanted, asked.parts.accounts, asked.parts.doors, asked.deadline)
    try:
        tokens = await asked.parts.accounts.sign_in(user_id)
    except Unavailable:  # the registration stands
        raise OutcomeUnknown("you are registered perhaps: try again with the same key, or log in") from None
    asked.notice(user_id)
    return replace(accepted, result={**accepted.result, **asdict(tokens)})


async def log_in(asked: Asked[LogInBody]) -> SignedIn:
    asked.parts.rate_limits.take_log_in(asked.incoming.address, asked.body.email)
    accounts = asked.parts.accounts
    account = await accounts.authenticated(asked.body.email, asked.body.password)
    await finish(account, accounts, asked.parts.doors, asked.deadline)
    tokens = await accounts.sign_in(account.user_id)
    asked.notice(account.user_id)
    return SignedIn(**asdict(tokens))


async def refresh(asked: Asked[RefreshTokenBody]) -> SignedIn:
    tokens = await asked.parts.accounts.refresh(asked.body.refresh_token)
    asked.notice(tokens.user_id)
    return SignedIn(**asdict(tokens))


async def log_out(asked: Asked[RefreshTokenBody]) -> LoggedOut:
    await asked.parts.accounts.sign_out(asked.body.refresh_token)
    return LoggedOut()


async def change_my_profile(asked: Asked[ProfileBody]) -> Accepted:
    return await asked.dispatch(ChangeProfile(asked.by, asked.body.new_display_name, asked.body.new_avatar))


async def leave_for_good(asked: Asked) -> Accepted:
    return await deactivate(asked.by, asked.parts.accounts, asked.parts.doors, asked.deadline)


async def my_account(asked: Asked) -> OwnAccount:
    account = await asked.parts.accounts.account_of(asked.by)
    return OwnAccount(
        user_id=account.user_id,
        email=account.email,
        username=account.username,
        is_active=account.is_active,
        created_at=time_text(account.created_at),
        updated_at=time_text(account.updated_at),
    )


ROUTES = (
    Route(
        "POST",
        "/v1/auth/register",
        "Register",
        join,
        Registered,
        body=RegistrationBody,
        refusals=(UsernameTaken, EmailTaken, KeyUsedForOther, OutcomeUnknown),
        access=Access.ANYONE,
        creates=True,
    ),
    Route(
        "POST",
        "/v1/auth/login",
        "Log in",
        log_in,
        SignedIn,
        body=LogInBody,
        refusals=(WrongCredentials, TooManyRequests),
        access=Access.ANYONE,
        description=(
            "The answer is the same, and as slow, for an unknown email and for a wrong password. "
            "How often it may be tried is counted for each pair of address and email, known or not."
        ),
    ),
    Route(
        "POST",
        "/v1/auth/refresh",
        "Take a refresh token for new tokens",
        refresh,
        SignedIn,
        body=RefreshTokenBody,
        refusals=(RefreshTokenInvalid,),
        access=Access.ANYONE,
        description="Each refresh token is good once: one used again revokes all that came of the same log-in.",
    ),
    Route(
        "POST",
        "/v1/auth/logout",
        "Log out",
        log_out,
        LoggedOut,
        body=RefreshTokenBody,
        access=Access.ANYONE,
        description="Ends refreshing; access tokens live out their minutes.",
    ),
    Route(
        "PATCH",
        "/v1/me",
        "Change how others see me",
        change_my_profile,
        ProfileAccepted,
        body=ProfileBody,
        refusals=(UserIsUnknown,),
    ),
    Route(
        "DELETE",
        "/v1/me",
        "Leave for good",
        leave_for_good,
        Left,
        refusals=(AccountUnknown, UserIsUnknown),
        even_deactivated=True,
        description=(
            "Closes the account: nobody logs in to it any more, its refresh tokens are revoked, and whatever else is "
            "asked with its access tokens is refused from this answer on (by other command services, where there are "
            "several, within two seconds while the database answers). The profile shows `Deactivated user`; bookmarks "
            "and status are gone, messages stay, and the keys of its agents are revoked. A moment later it has left "
            "every conversation that can be left: a group of its own passes to the oldest admin, else to the oldest "
            "member. It cannot be undone. Whatever Idempotency-Key it is repeated with, it gets the first answer."
        ),
    ),
    Route(
        "GET", "/v1/me/account", "What only I may see of my account", my_account, OwnAccount, refusals=(AccountUnknown,)
    ),
)

FEATURE = Feature("people", deciders=(PEOPLE,), routes=(*ROUTES, *AGENT_ROUTES))
