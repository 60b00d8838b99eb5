"""Agents and their keys, over HTTP."""

from dataclasses import asdict

import msgspec
from msgspec.structs import replace
from pydantic import Field

from services.command.accounts.account import WantedAgent
from services.command.accounts.refusals import AgentKeyInvalid, NoSuchAgent, OnlyPeopleOwnAgents, UsernameTaken
from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted, KeyUsedForOther
from services.command.features.people.bodies import DisplayName, Username
from services.command.features.people.registering import agent_id_of, finish, make_agent
from shared.identifiers import UserId, random_key
from shared.web.fields import Id, Nothing, Parameters, Sent
from shared.web.problems import OutcomeUnknown
from shared.web.routes import Access, Route

KEY_LIMIT = 200


class NewAgent(Sent):
    """An agent to make."""

    username: Username
    display_name: DisplayName


class OfAgent(Parameters):
    """Which agent."""

    agent_id: Id


class KeyOfAgent(Sent):
    """A key, as it was shown when it was made."""

    key: str = Field(min_length=1, max_length=KEY_LIMIT)


class AgentMade(CommandAccepted, frozen=True, kw_only=True):
    """The agent is there. `key` is shown this once: in the answer to a repeat it is null."""

    user_id: str
    key: str | None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, which is shown this once."""

    user_id: str
    key: str


class KeyRevoked(msgspec.Struct, frozen=True):
    """No key lets the agent in any more."""


class AgentSignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """An access token, good for `expires_in` seconds. There is no refresh token: the key gets the next one."""

    user_id: str
    access_token: str
    expires_in: int


async def make_an_agent(asked: Asked[NewAgent]) -> Accepted:
    if asked.by_agent:
        raise OnlyPeopleOwnAgents
    body, agent_id = asked.body, agent_id_of(asked.by, asked.incoming.key or random_key())
    wanted = WantedAgent(agent_id, asked.by, body.username, body.display_name)
    accepted, key = await make_agent(wanted, asked.parts.accounts, asked.parts.doors, asked.deadline)
    return replace(accepted, result={**accepted.result, "key": None if key is None else str(key)})


async def log_in_agent(asked: Asked[KeyOfAgent]) -> AgentSignedIn:
    accounts = asked.parts.accounts
    agent = await accounts.agents.with_key(asked.body.key)
    await finish(agent, accounts, asked.parts.doors, asked.deadline)
    asked.notice(agent.user_id)
    return AgentSignedIn(**asdict(accounts.token_of_agent(agent.user_id)))


async def make_new_key(asked: Asked[Nothing, OfAgent]) -> NewKey:
    key = await asked.parts.accounts.agents.new_key(UserId(asked.path.agent_id), asked.by)
    return NewKey(user_id=asked.path.agent_id, key=str(key))


async def revoke_key(asked: Asked[Nothing, OfAgent]) -> KeyRevoked:
    await asked.parts.accounts.agents.revoke_key(UserId(asked.path.agent_id), asked.by)
    return KeyRevoked()


AGENT_ROUTES = (
    Route(
        "POST",
        "/v1/agents",
        "Make an agent",
        make_an_agent,
        AgentMade,
        body=NewAgent,
        refusals=(UsernameTaken, OnlyPeopleOwnAgents, KeyUsedForOther, OutcomeUnknown),
        creates=True,
        description=(
            "An account of kind `agent`, which is yours. What it sends has the role `assistant`. "
            "`key` is shown this once: a repeat with the same Idempotency-Key gets the same agent and no key. "
            "Who lost it makes a new one."
        ),
    ),
    Route(
        "POST",
        "/v1/auth/agent",
        "Log in as an agent",
        log_in_agent,
        AgentSignedIn,
        body=KeyOfAgent,
        refusals=(AgentKeyInvalid,),
        access=Access.ANYONE,
    ),
    Route(
        "POST",
        "/v1/agents/{agent_id}/key",
        "Make a new key for an agent of mine",
        make_new_key,
        NewKey,
        parameters=OfAgent,
        refusals=(NoSuchAgent, OutcomeUnknown),
        description="It takes the place of the one before, which is worth nothing from then on.",
    ),
    Route(
        "DELETE",
        "/v1/agents/{agent_id}/key",
        "Revoke the key of an agent of mine",
        revoke_key,
        KeyRevoked,
        parameters=OfAgent,
        refusals=(NoSuchAgent, OutcomeUnknown),
        description="Ends logging in; access tokens live out their minutes.",
    ),
)
