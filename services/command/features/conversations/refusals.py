"""What can be wrong with what is asked of a conversation."""

from dataclasses import dataclass
from typing import ClassVar

from services.command.deciding import Refusal
from shared.identifiers import UserId

PARTICIPANTS_LIMIT = 10_000
GROUP_TITLE_LIMIT = 100
AGENT_TITLE_LIMIT = 200
REQUEST_MESSAGES_LIMIT = 3


@dataclass(frozen=True)
class NothingHere(Refusal):
    """For whoever is not in it: the same as for what does not exist."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not-found"
    title: ClassVar[str] = "There is nothing here, or nothing that is yours to know"


@dataclass(frozen=True)
class NoSuchParticipant(Refusal):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-such-participant"
    title: ClassVar[str] = "This person is not in the conversation"


@dataclass(frozen=True)
class DirectConversationIsFixed(Refusal):
    code: ClassVar[str] = "direct-conversation-is-fixed"
    title: ClassVar[str] = "A direct conversation has its two people and nothing to change"


@dataclass(frozen=True)
class OnlyOwnerOrAdminMay(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "only-owner-or-admin"
    title: ClassVar[str] = "Only the owner or an admin may do this"


@dataclass(frozen=True)
class OnlyOwnerMay(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "only-owner"
    title: ClassVar[str] = "Only the owner may do this"


@dataclass(frozen=True)
class OwnerCannotBeRemoved(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "owner-cannot-be-removed"
    title: ClassVar[str] = "Nobody may put the owner out"


@dataclass(frozen=True)
class OwnershipMustBeHandedOver(Refusal):
    code: ClassVar[str] = "ownership-must-be-handed-over"
    title: ClassVar[str] = "The owner stays owner until somebody else is made owner"


@dataclass(frozen=True)
class ParticipantHasOtherRole(Refusal):
    code: ClassVar[str] = "participant-has-other-role"
    title: ClassVar[str] = "This person is in already, with another role: change the role instead"


@dataclass(frozen=True)
class ConversationIsFull(Refusal):
    code: ClassVar[str] = "conversation-is-full"
    title: ClassVar[str] = f"A conversation has at most {PARTICIPANTS_LIMIT} participants"


@dataclass(frozen=True)
class DirectWithOneself(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "direct-with-oneself"
    title: ClassVar[str] = "A direct conversation needs exactly one other person"
    pointer: ClassVar[str | None] = "/participant_ids"


@dataclass(frozen=True)
class GroupOfOne(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "group-of-one"
    title: ClassVar[str] = "A group needs somebody besides who starts it"
    pointer: ClassVar[str | None] = "/participant_ids"


@dataclass(frozen=True)
class TitleIsMissing(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "title-is-missing"
    title: ClassVar[str] = "A group needs a title"
    pointer: ClassVar[str | None] = "/title"


@dataclass(frozen=True)
class TitleIsTooLong(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "title-is-too-long"
    title: ClassVar[str] = (
        f"A group's title has at most {GROUP_TITLE_LIMIT} characters, an agent conversation's {AGENT_TITLE_LIMIT}"
    )
    pointer: ClassVar[str | None] = "/title"


@dataclass(frozen=True)
class DirectHasNoTitle(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "direct-has-no-title"
    title: ClassVar[str] = "A direct conversation has no title"
    pointer: ClassVar[str | None] = "/title"


@dataclass(frozen=True)
class PeopleAreUnknown(Refusal):
    """Names those who have no active account."""

    ids: tuple[UserId, ...]
    status: ClassVar[int] = 422
    code: ClassVar[str] = "people-are-unknown"
    title: ClassVar[str] = "Some of these people have no active account"
    pointer: ClassVar[str | None] = "/participant_ids"

    @property
    def detail(self) -> str:
        """Who they are."""
        return f"no active account: {', '.join(self.ids)}"


@dataclass(frozen=True)
class ParticipantIsUnknown(PeopleAreUnknown):
    pointer: ClassVar[str | None] = "/user_id"


@dataclass(frozen=True)
class AgentIsUnknown(PeopleAreUnknown):
    title: ClassVar[str] = "There is no such agent"
    pointer: ClassVar[str | None] = "/agent_id"

    @property
    def detail(self) -> str:
        """Which one."""
        return f"no active agent: {', '.join(self.ids)}"


@dataclass(frozen=True)
class NoMessageRequest(Refusal):
    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-message-request"
    title: ClassVar[str] = "This conversation did not start as a message request"


@dataclass(frozen=True)
class OnlyRecipientMay(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "only-recipient"
    title: ClassVar[str] = "Only who was asked may answer the request"


@dataclass(frozen=True)
class RequestIsAccepted(Refusal):
    code: ClassVar[str] = "request-accepted"
    title: ClassVar[str] = "The request was accepted, and stays so"


@dataclass(frozen=True)
class RequestIsDeclined(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "request-declined"
    title: ClassVar[str] = "The request was declined: nothing more can be sent"


@dataclass(frozen=True)
class RequestIsPending(Refusal):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "request-pending"
    title: ClassVar[str] = f"Until the request is accepted, at most {REQUEST_MESSAGES_LIMIT} messages can be sent"


@dataclass(frozen=True)
class RequestMustBeAccepted(Refusal):
    code: ClassVar[str] = "request-must-be-accepted"
    title: ClassVar[str] = "Nobody reacts to a message request: accept it first"
