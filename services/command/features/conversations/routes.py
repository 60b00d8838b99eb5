"""Starting, changing and deleting conversations over HTTP."""

from typing import Annotated

from msgspec import UNSET
from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from services.command.accounts.account import AGENTS
from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.feature import Feature
from services.command.features.contact_policies.facts import ContactPolicyOf
from services.command.features.conversations.arranging_routes import ARRANGING_ROUTES
from services.command.features.conversations.decider import (
    CONVERSATIONS,
    ChangeConversation,
    DeleteConversation,
    StartConversation,
)
from services.command.features.conversations.forms import InConversation, of_conversation
from services.command.features.conversations.participant_routes import PARTICIPANT_ROUTES
from services.command.features.conversations.refusals import (
    AGENT_TITLE_LIMIT,
    AgentIsUnknown,
    ConversationIsFull,
    DirectConversationIsFixed,
    DirectHasNoTitle,
    DirectWithOneself,
    GroupOfOne,
    NothingHere,
    OnlyOwnerMay,
    OnlyOwnerOrAdminMay,
    PeopleAreUnknown,
    TitleIsMissing,
    TitleIsTooLong,
)
from services.command.features.conversations.requesting_routes import REQUESTING_ROUTES
from shared.events.conversations import ConversationKind
from shared.events.people import ContactPolicy
from shared.identifiers import (
    ConversationId,
    UserId,
    direct_conversation_id,
    group_conversation_id,
    random_key,
)
from shared.web.fields import HttpsUrl, Id, NotBlank, Sent
from shared.web.routes import Route

FEWEST_PARTICIPANTS: dict[ConversationKind, int] = {"direct": 1, "group": 1, "agent": 0}
MOST_PARTICIPANTS: dict[ConversationKind, int] = {"direct": 1, "group": 100, "agent": 100}

Title = Annotated[str, StringConstraints(min_length=1, max_length=AGENT_TITLE_LIMIT), NotBlank]


class NewConversation(Sent):
    """A conversation to start. How many people and what title it takes goes by its kind."""

    kind: ConversationKind
    participant_ids: list[Id] = Field([], max_length=max(MOST_PARTICIPANTS.values()), validate_default=True)
    title: Title | None = None
    avatar_url: HttpsUrl | None = None
    agent_id: Id | None = None
    workspace_id: Id | None = None

    @field_validator("participant_ids")
    @classmethod
    def _as_many_as_its_kind_takes(cls, ids: list[str], info: ValidationInfo) -> list[str]:
        kind, once = info.data.get("kind"), list(dict.fromkeys(ids))
        if kind is None:
            return once
        if not FEWEST_PARTICIPANTS[kind] <= len(once) <= MOST_PARTICIPANTS[kind]:
            raise ValueError(f"must name {FEWEST_PARTICIPANTS[kind]} to {MOST_PARTICIPANTS[kind]} other people")
        return once


class ConversationChanges(Sent):
    """What is not named stays as it is; null takes away."""

    title: Title | None = None
    avatar_url: HttpsUrl | None = None
    agent_id: Id | None = None


class ConversationAccepted(CommandAccepted, frozen=True, kw_only=True):
    """The conversation is there."""

    conversation_id: str


async def start_conversation(asked: Asked[NewConversation]) -> Accepted:
    """Starts a conversation; for a pair that has a direct one, gives that."""
    body = asked.body
    key = asked.incoming.key or random_key()
    people = [UserId(each) for each in body.participant_ids]
    agent_id = UserId(body.agent_id) if body.agent_id else None
    command = StartConversation(
        _conversation_id(asked.by, body.kind, people, key),
        body.kind,
        people,
        body.title,
        body.avatar_url,
        agent_id,
        body.workspace_id,
        unknown_ids=[
            *await asked.parts.accounts.unknown_among(people),
            *(await asked.parts.accounts.unknown_among([agent_id], AGENTS) if agent_id else ()),
        ],
        contact_policy=await _contact_policy_of(asked, people[0]) if body.kind == "direct" else "open",
    )
    return await asked.dispatch(command, key)


async def _contact_policy_of(asked: Asked[NewConversation], user_id: UserId) -> ContactPolicy:
    policy: ContactPolicy = (await asked.ask(ContactPolicyOf(user_id)))["policy"]
    return policy


def _conversation_id(creator: UserId, kind: ConversationKind, people: list[UserId], key: str) -> ConversationId:
    return direct_conversation_id(creator, *people) if kind == "direct" else group_conversation_id(creator, key)


async def change_conversation(asked: Asked[ConversationChanges, InConversation]) -> Accepted:
    """Changes what is named."""
    body, named = asked.body, asked.body.model_fields_set
    agent_id = UserId(body.agent_id) if body.agent_id else None
    return await asked.dispatch(
        ChangeConversation(
            ConversationId(asked.path.conversation_id),
            title=body.title if "title" in named else UNSET,
            avatar_url=body.avatar_url if "avatar_url" in named else UNSET,
            agent_id=agent_id if "agent_id" in named else UNSET,
            unknown_ids=await asked.parts.accounts.unknown_among([agent_id], AGENTS) if agent_id else (),
        )
    )


ROUTES = (
    Route(
        "POST",
        "/v1/conversations",
        "Start a conversation",
        start_conversation,
        ConversationAccepted,
        body=NewConversation,
        refusals=(
            NothingHere,
            DirectWithOneself,
            DirectHasNoTitle,
            GroupOfOne,
            TitleIsMissing,
            TitleIsTooLong,
            PeopleAreUnknown,
            AgentIsUnknown,
        ),
        creates=True,
        description=(
            "direct: exactly one other person and no title; a pair always gets the same conversation. It starts as a "
            "message request where the other person's contact policy is `request`. "
            "group: a title of 1 to 100 characters, and 1 to 100 people besides who starts it, who becomes owner. "
            "agent: a title of at most 200 characters, if any, and the agent named by `agent_id`, if any."
        ),
    ),
    Route(
        "PATCH",
        "/v1/conversations/{conversation_id}",
        "Change a conversation's title, picture or agent",
        change_conversation,
        CommandAccepted,
        body=ConversationChanges,
        parameters=InConversation,
        refusals=(
            NothingHere,
            DirectConversationIsFixed,
            OnlyOwnerOrAdminMay,
            TitleIsMissing,
            TitleIsTooLong,
            AgentIsUnknown,
            ConversationIsFull,
        ),
        description="The owner or an admin may. What is not named stays as it is; null takes away.",
    ),
    Route(
        "DELETE",
        "/v1/conversations/{conversation_id}",
        "Delete a conversation",
        of_conversation(DeleteConversation),
        CommandAccepted,
        parameters=InConversation,
        refusals=(NothingHere, DirectConversationIsFixed, OnlyOwnerMay),
        description="Its owner may, whatever its kind but direct. It is gone for everybody, with all that is in it.",
    ),
    *PARTICIPANT_ROUTES,
    *ARRANGING_ROUTES,
    *REQUESTING_ROUTES,
)

FEATURE = Feature("conversations", deciders=(CONVERSATIONS,), routes=ROUTES)
