"""People, and the conversations that they have a different part in; everything they say has a canary in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from tests.contract.canaries import Canaries
from tests.contract.services import Answer, ServiceName, Services
from tests.fixtures.command_service import PASSWORD
from tests.fixtures.names import eventually

MESSAGE = "a message"
TITLE = "a title"
FILE_NAME = "the name of a file"
FILE_CONTENT = "the content of a file"
EARLIER_TEXT = "what a message said before"
UNSENT_TEXT = "an unsent message"
NOTE = "a note"
EMAIL = "an email address"
PASSWORD_OF_SOMEBODY = "a password"
TOKEN = "a token"
KEY = "an agent's key"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    user_id: str
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who has which part in every group, once for all of them. `stranger` has none, `left` was removed from each."""

    owner: Person
    admin: Person
    member: Person
    bystander: Person
    left: Person
    stranger: Person


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the crew has it. `ids`: what stands for the parameters of a path, of one message that the owner sent,
    and a `word` of it.

    `position`: of the last thing that was done to it. `words`: the canaries of what was said in it, by what they are.
    """

    ids: Mapping[str, str]
    position: str
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids_of_the_file(self) -> Mapping[str, str]:
        """The same, but with the file as the target of bookmarks."""
        return {**self.ids, "type": "file", "target_id": self.ids["file_id"]}

    def without(self, *names: str) -> Mapping[str, str]:
        """The same, but with ids that nothing has in the places of these."""
        return {name: str(uuid4()) if name in names else value for name, value in self.ids.items()}


@dataclass(slots=True)
class Town:
    """Where everybody lives. What is asked here must succeed."""

    services: Services
    canaries: Canaries
    people: int = 0

    async def do(
        self, person: Person | None, method: str, path: str, body: Any = None, *, service: ServiceName = "command"
    ) -> Any:
        """The answer's body."""
        return (await self.answer(person, method, path, body, service=service)).json

    async def answer(
        self, person: Person | None, method: str, path: str, body: Any = None, *, service: ServiceName = "command"
    ) -> Answer:
        """The whole answer, which is a success."""
        token = None if person is None else person.token
        answer = await self.services.ask(service, method, path, token=token, body=body)
        assert answer.status in {200, 201}, (method, path, answer)
        return answer

    async def join(self, display_name: str = "Somebody") -> Person:
        """Somebody new."""
        self.people += 1
        email = f"{self.canaries.plant(EMAIL)}@example.com"
        password = self.canaries.keep(PASSWORD_OF_SOMEBODY, f"{PASSWORD}{uuid4().hex}")
        name = f"person_{uuid4().hex[:12]}"
        wanted = {"email": email, "username": name, "password": password, "display_name": display_name}
        made = await self.do(None, "POST", "/v1/auth/register", wanted)
        token, refresh = made["access_token"], made["refresh_token"]
        self.canaries.keep(TOKEN, token)
        self.canaries.keep(TOKEN, refresh)
        return Person(made["user_id"], token, refresh, email, password)

    async def say(self, person: Person, conversation_id: str, what: str = MESSAGE) -> Any:
        """A message with a new canary in it."""
        return await self.say_this(person, conversation_id, self.canaries.plant(what))

    async def say_this(self, person: Person, conversation_id: str, content: str) -> Any:
        """A message."""
        message = {"client_message_id": str(uuid4()), "content_type": "text", "content": content}
        return await self.do(person, "POST", f"/v1/conversations/{conversation_id}/messages", message)

    async def upload(self, person: Person) -> str:
        """A file of theirs, whose name and content are canaries; gives its id."""
        answer = await self.services.ask(
            "command",
            "POST",
            "/v1/files",
            token=person.token,
            query={"name": f"{self.canaries.plant(FILE_NAME)}.txt"},
            raw=self.canaries.plant(FILE_CONTENT).encode(),
            headers={"Content-Type": "application/octet-stream"},
        )
        assert answer.status == 201, answer
        file_id: str = answer.json["file_id"]
        return file_id

    async def show(self, person: Person, conversation_id: str, file_id: str) -> Any:
        """A message with a file of theirs."""
        attached = [{"kind": "file", "file_id": file_id}]
        message = {"client_message_id": str(uuid4()), "content_type": "file", "attachments": attached}
        return await self.do(person, "POST", f"/v1/conversations/{conversation_id}/messages", message)

    async def found(self, crew: Crew) -> Group:
        """A new group of the crew, in which the owner has said something, unsent something, and removed `left`."""
        owner = crew.owner
        others = [crew.admin, crew.member, crew.bystander, crew.left]
        started = await self.do(
            owner,
            "POST",
            "/v1/conversations",
            {
                "kind": "group",
                "title": self.canaries.plant(TITLE),
                "participant_ids": [each.user_id for each in others],
            },
        )
        path = f"/v1/conversations/{started['conversation_id']}"
        await self.do(owner, "PATCH", f"{path}/participants/{crew.admin.user_id}", {"role": "admin"})
        words = {what: self.canaries.plant(what) for what in (EARLIER_TEXT, MESSAGE, UNSENT_TEXT)}
        message = await self.say_this(owner, started["conversation_id"], words[EARLIER_TEXT])
        await self.do(owner, "PATCH", f"{path}/messages/{message['message_id']}", {"content": words[MESSAGE]})
        withdrawn = await self.say_this(owner, started["conversation_id"], words[UNSENT_TEXT])
        await self.do(owner, "POST", f"{path}/messages/{withdrawn['message_id']}/unsend")
        file_id = await self.upload(owner)
        await self.show(owner, started["conversation_id"], file_id)
        removed = await self.do(owner, "DELETE", f"{path}/participants/{crew.left.user_id}")
        ids = _ids(started["conversation_id"], message["message_id"], crew.bystander, file_id, words[MESSAGE])
        return Group(ids, removed["position"], words)

    async def introduce(self, one: Person, other: Person) -> Group:
        """A new direct conversation, in which `one` has said something."""
        wanted = {"kind": "direct", "participant_ids": [other.user_id]}
        conversation_id = (await self.do(one, "POST", "/v1/conversations", wanted))["conversation_id"]
        word, file_id = self.canaries.plant(MESSAGE), await self.upload(one)
        message = await self.say_this(one, conversation_id, word)
        shown = await self.show(one, conversation_id, file_id)
        return Group(_ids(conversation_id, message["message_id"], other, file_id, word), shown["position"])

    async def until_seen(self, person: Person, position: str) -> None:
        """Returns when the tables have everything up to there."""

        async def is_seen() -> bool:
            headers = {"Min-Position": position}
            answer = await self.services.ask("query", "GET", "/v1/conversations", token=person.token, headers=headers)
            assert answer.status in {200, 409}, answer
            return answer.status == 200

        await eventually(is_seen)

    @classmethod
    def at(cls, services: Services) -> Self:
        """A town that nobody lives in."""
        return cls(services, Canaries())


def _ids(conversation_id: str, message_id: str, other: Person, file_id: str, word: str) -> Mapping[str, str]:
    return {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "user_id": other.user_id,
        "type": "message",
        "target_id": message_id,
        "file_id": file_id,
        "word": word,
    }


async def crew_of(town: Town) -> Crew:
    """A crew of new people."""
    return Crew(*[await town.join(name) for name in ("Olga", "Adam", "Mia", "Bo", "Lea", "Stan")])
