"""The composition root of the command service: its features, and what they are given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from services.command import outcomes
from services.command.accounts import Accounts
from services.command.accounts.access_tokens import AccessTokens
from services.command.accounts.refusals import UserDeactivated
from services.command.answering import answering
from services.command.asking import CommandAccepted, Parts
from services.command.dispatching import KeyUsedForOther
from services.command.expiration.expiring import Expiration
from services.command.feature import Feature
from services.command.features.bookmarks.routes import FEATURE as BOOKMARKS
from services.command.features.contact_policies.routes import FEATURE as CONTACT_POLICIES
from services.command.features.conversations.routes import FEATURE as CONVERSATIONS
from services.command.features.files.routes import FEATURE as FILES
from services.command.features.importing.routes import FEATURE as IMPORTING
from services.command.features.messages.routes import FEATURE as MESSAGES
from services.command.features.people.deactivating import follow_deactivations
from services.command.features.people.registering import finish_all
from services.command.features.people.routes import FEATURE as PEOPLE
from services.command.features.people.settling import follow_unsettled
from services.command.features.statuses.routes import FEATURE as STATUSES
from services.command.files.receiving import Receiving, receiving_of
from services.command.files.sending import sending_of
from services.command.flagging import NOTHING_IS_FLAGGED, FlagPolicy, flag_policy_of
from services.command.presence import Presence
from services.command.rate_limits import rate_limits_of
from services.command.wellbeing import Wellbeing
from services.command.writing.finding import Finder
from services.command.writing.serving import Writers
from services.command.writing.surroundings import kafka_and_postgres
from shared.identifiers import VERBATIM_ITSELF, StreamKind
from shared.postgres import BY_KEY, Pool, close_pool, open_pool
from shared.settings import BadSettingError, Settings
from shared.web.authentication import TokenVerifier
from shared.web.edge import Edge
from shared.web.openapi import About, Header
from shared.web.problems import NotAuthenticated, OutcomeUnknown
from shared.web.routes import Access, Route
from shared.web.serving import Checks, web_app

FEATURES: tuple[Feature, ...] = (
    MESSAGES,
    PEOPLE,
    CONTACT_POLICIES,
    CONVERSATIONS,
    STATUSES,
    FILES,
    BOOKMARKS,
    IMPORTING,
)


def makes_a_command(route: Route) -> bool:
    """Whether it leads to a command, of which it may not be known at first what became."""
    return route.method != "GET" and isinstance(route.answer, type) and issubclass(route.answer, CommandAccepted)


def is_closed_to_who_left(route: Route) -> bool:
    """Whether whoever has left for good is refused."""
    return route.access is Access.SIGNED_IN and not route.even_deactivated


IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "Chosen by the caller: a repeat with the same key and content gets the first answer again; other content is 422",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    applies=makes_a_command,
)
ABOUT = About(
    "Verbatim: commands",
    "What people do. Every answer is one of three: 2xx, it is in the log; 4xx or 503, this request did nothing and "
    "never will; 504 `outcome-unknown`, ask again with the same key, or ask what became of it.",
    "1",
    headers=(IDEMPOTENCY_KEY,),
    more_problems=lambda route: (
        *((KeyUsedForOther, OutcomeUnknown) if makes_a_command(route) else ()),
        *((UserDeactivated,) if is_closed_to_who_left(route) else ()),
    ),
)
WRITERS_STOP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Service:
    """What lives as long as the application does."""

    settings: Settings
    pool: Pool
    writers: Writers
    accounts: Accounts
    expiration: Expiration
    presence: Presence
    finder: Finder
    receiving: Receiving


async def make_app(settings: Settings, features: tuple[Feature, ...] = FEATURES) -> web.Application:
    """The whole service as an application, which starts and stops its parts with itself.

    Raises BadSettingError for a key file, token file or word list that cannot be used.
    """
    verifier, access_tokens, operator_token = _credentials(settings)
    flag_policy = _flag_policy(settings)
    pool = await open_pool(settings, server_settings=BY_KEY)
    writers = Writers(
        settings, kafka_and_postgres(settings, pool), [decider for feature in features for decider in feature.deciders]
    )
    expiration = Expiration(settings, pool, writers, serves=lambda: writers.serving_of(StreamKind.USERS))
    accounts = Accounts(settings, pool, access_tokens)
    presence = Presence(settings, accounts.deactivations.has_left)
    receiving = receiving_of(settings)
    service = Service(settings, pool, writers, accounts, expiration, presence, Finder(settings, pool), receiving)
    sending = sending_of(receiving.contents, settings)
    limits = rate_limits_of(settings)
    parts = Parts(writers, accounts, flag_policy, limits, presence, service.finder, receiving, sending)
    edge = Edge(verifier, operator_token, answering(parts, settings.command_deadline_seconds))
    routes = [route for feature in features for route in feature.routes]
    wellbeing = Wellbeing(settings, pool, writers, expiration)
    app = web_app(settings, edge, [*routes, *outcomes.ROUTES], ABOUT, Checks(wellbeing.health, wellbeing.ready))
    app.cleanup_ctx.append(lambda _: _lifetime(service))
    return app


def _credentials(settings: Settings) -> tuple[TokenVerifier, AccessTokens, str]:
    try:
        verifier = TokenVerifier.from_file(settings.verifying_key_file)
        access_tokens = AccessTokens.from_file(settings.signing_key_file, settings.access_token_seconds)
        verifier.caller_of(access_tokens.token_for(VERBATIM_ITSELF))
        return verifier, access_tokens, _operator_token(settings.operator_token_file)
    except NotAuthenticated:
        raise BadSettingError("SIGNING_KEY_FILE and VERIFYING_KEY_FILE do not belong together") from None
    except (OSError, ValueError) as error:
        raise BadSettingError(
            f"a key cannot be read ({error}): set SIGNING_KEY_FILE, VERIFYING_KEY_FILE and OPERATOR_TOKEN_FILE"
        ) from error


def _operator_token(file: Path) -> str:
    """The operator's token; without the file nobody is the operator."""
    return file.read_text().strip() if file.exists() else ""


def _flag_policy(settings: Settings) -> FlagPolicy:
    """The policy of the word list; without one nothing is flagged."""
    if not settings.flagged_words_file:
        return NOTHING_IS_FLAGGED
    try:
        return flag_policy_of(Path(settings.flagged_words_file).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise BadSettingError(f"the word list cannot be used ({error}): correct it, or FLAGGED_WORDS_FILE") from error


async def _lifetime(service: Service) -> AsyncIterator[None]:
    """Starts the parts in the order in which they need each other; stops them in the opposite order."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_pool, service.pool)
        stack.callback(service.accounts.close)
        stack.push_async_callback(_stop_writers, service.writers)
        await service.receiving.start()
        await service.writers.start()
        await service.expiration.start()
        stack.push_async_callback(service.expiration.stop)
        service.presence.start()
        stack.push_async_callback(service.presence.stop)
        finishing = asyncio.create_task(finish_all(service.accounts, service.writers))
        stack.push_async_callback(_cancel, finishing)
        following = asyncio.create_task(follow_deactivations(service.accounts, service.writers))
        stack.push_async_callback(_cancel, following)
        stack.push_async_callback(service.finder.close)
        settling = asyncio.create_task(
            follow_unsettled(service.accounts, service.writers, service.finder, service.presence)
        )
        stack.push_async_callback(_cancel, settling)
        yield


async def _stop_writers(writers: Writers) -> None:
    with suppress(TimeoutError):  # its leases run out by themselves
        async with asyncio.timeout(WRITERS_STOP_SECONDS):
            await writers.stop()


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
