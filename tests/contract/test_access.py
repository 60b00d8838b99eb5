"""Every route, asked by everybody about what is there and about what is not: nobody learns what is not theirs to know.

The operations are read from OpenAPI; `access.py` says what their parameters name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest

from services.command import app as command_app
from services.command import outcomes
from services.projector import app as query_app
from services.projector.questions import QUESTIONS
from shared.web.openapi import described
from tests.contract.access import (
    ABOUT_TARGETS,
    BODIES,
    CONFLICTS_WHEN_DIRECT,
    FORBIDDEN,
    FOUND_NOTHING,
    Ids,
    Kind,
    kind_of,
    toggled,
)
from tests.contract.asking import Asking, all_of, comparable, of_kind, with_newcomer
from tests.contract.operations import Operation, operations_of
from tests.contract.services import Services
from tests.contract.town import (
    EARLIER_TEXT,
    EMAIL,
    FILE_CONTENT,
    FILE_NAME,
    KEY,
    MESSAGE,
    NOTE,
    PASSWORD_OF_SOMEBODY,
    TITLE,
    TOKEN,
    UNSENT_TEXT,
    Crew,
    Group,
    Person,
    Town,
)
from tests.fixtures.names import eventually

COMMANDS = [route for feature in command_app.FEATURES for route in feature.routes] + [*outcomes.ROUTES]
TRIED = 50
NOBODYS = frozenset({UNSENT_TEXT, EMAIL, TOKEN, PASSWORD_OF_SOMEBODY, KEY})
"""What is told to nobody by any answer to these questions: not even whose it is asks for it here."""
STATUSES_BY_ROLE = ("member", "admin", "owner")


def test_of_every_route_it_is_said_what_it_is_about() -> None:
    """A new one stands in `access.py`, by what its parameters name."""
    documents = (
        operations_of(described(COMMANDS, command_app.ABOUT), "command"),
        operations_of(described(QUESTIONS, query_app.ABOUT), "query"),
    )
    unknown = [each.name for operations in documents for each in operations if kind_of(each) is None]
    assert unknown == []


def targets_of(operation: Operation, group: Group) -> list[Ids]:
    """The things in a group that it can be asked about."""
    return [group.ids, group.ids_of_the_file] if operation.name in ABOUT_TARGETS else [group.ids]


def ways_to_be_unknown(operation: Operation, ids: Ids, elsewhere: Ids) -> Iterable[Ids]:
    """The same question about what is not there: each of its names alone, all of them, and a pair that is none."""
    named = [name for name in operation.path_parameters if name != "type"] or ["conversation_id", "target_id"]
    for names in ([name] for name in named):
        yield {**ids, **{name: str(uuid4()) for name in names}}
    yield {**ids, **{name: str(uuid4()) for name in named}}
    if "message_id" in named or "target_id" in named:
        yield {**ids, "message_id": elsewhere["message_id"], "target_id": elsewhere["target_id"]}


async def test_without_a_token_everything_is_answered_alike(
    operations: list[Operation], asking: Asking, group: Group, newcomer: Person
) -> None:
    ids = {**with_newcomer(group.ids, newcomer), **dict.fromkeys(ALSO_NAMED, str(uuid4()))}
    asked = [each for each in operations if kind_of(each) is not Kind.ANYONE]
    answers = {each.name: await asking.ask_from_outside(each, None, ids) for each in asked}
    first = answers[asked[0].name]
    assert {(each.status, each.headers) for each in answers.values()} == {(401, first.headers)}
    assert {answers[each.name].body for each in asked if each.method != "HEAD"} == {first.body}


ALSO_NAMED = ("bookmark_id", "agent_id", "stream_id", "command_id")


@pytest.fixture(scope="module")
async def gone(town: Town, crew: Crew, group: Group, operations: list[Operation], asking: Asking) -> Person:
    """Somebody who was in the group, and has left for good. Their access token is good for its minutes."""
    person = await town.join("Gus")
    path = f"/v1/conversations/{group.ids['conversation_id']}"
    await town.do(crew.owner, "POST", f"{path}/participants", {"user_id": person.user_id})
    await town.do(person, "DELETE", "/v1/me")
    look = next(each for each in operations if each.name == "GET /v1/conversations/{conversation_id}")

    async def is_out() -> bool:
        return (await asking.ask(look, person, group.ids)).status == 404

    await eventually(is_out)
    return person


@pytest.mark.parametrize("who", ["stranger", "left", "gone"])
async def test_who_is_not_in_a_conversation_is_told_the_same_as_of_one_that_is_not_there(
    who: str,
    operations: list[Operation],
    asking: Asking,
    town: Town,
    crew: Crew,
    group: Group,
    newcomer: Person,
    gone: Person,
) -> None:
    person = {"stranger": crew.stranger, "left": crew.left, "gone": gone}[who]
    elsewhere = (await town.found(crew)).ids

    async def compared(operation: Operation, ids: Ids) -> list[str]:
        told = await asking.ask_from_outside(operation, person, ids)
        is_closed = person is gone and operation.service == "command"
        wanted = 403 if is_closed else FOUND_NOTHING.get(operation.name, 404)
        found = [] if told.status == wanted else [f"{operation.name}: {told.status}, not {wanted}"]
        for unknown in ways_to_be_unknown(operation, ids, elsewhere):
            other = await asking.ask_from_outside(operation, person, unknown)
            if comparable(other) != comparable(told):
                found.append(f"{operation.name}: {told} of what is there, {other} of what is not")
        return found

    asked = of_kind(operations, Kind.CONVERSATION)
    assert len(asked) > 20
    cells = [(each, with_newcomer(ids, newcomer)) for each in asked for ids in targets_of(each, group)]
    assert await all_of(compared(*cell) for cell in cells) == []


async def test_in_a_group_everybody_may_do_what_their_role_lets_them(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, group: Group, newcomer: Person
) -> None:
    told: set[str] = set()

    async def asked(operation: Operation, role: str, wanted: int) -> list[str]:
        its_own = await town.found(crew) if operation.changes_something else group
        found = []
        for ids in targets_of(operation, its_own):
            answer = await asking.ask(operation, getattr(crew, role), with_newcomer(ids, newcomer))
            told.update(town.canaries.seen_in(answer.everything))
            found += [] if answer.status == wanted else [f"{operation.name} by the {role}: {answer}, not {wanted}"]
        return found

    cells = [
        (operation, role, wanted)
        for operation in of_kind(operations, Kind.CONVERSATION)
        for role, wanted in zip(STATUSES_BY_ROLE, wanted_in_a_group(operation), strict=True)
    ]
    assert await all_of(asked(*cell) for cell in cells) == []
    assert {MESSAGE, EARLIER_TEXT, TITLE, FILE_NAME, FILE_CONTENT} <= told
    assert told & NOBODYS == set()


def wanted_in_a_group(operation: Operation) -> tuple[int, int, int]:
    """What a member, an admin and the owner are answered."""
    first = max(operation.successes) if operation.method == "POST" else 200
    return FORBIDDEN.get(operation.name, (first, first, first))


async def test_whoever_is_in_it_is_told_of_what_is_not_there(
    operations: list[Operation], asking: Asking, crew: Crew, group: Group, newcomer: Person
) -> None:
    async def asked(operation: Operation, role: str) -> list[str]:
        nowhere = with_newcomer(group.without(*group.ids.keys() - {"type", "word"}), newcomer)
        answer = await asking.ask_from_outside(operation, getattr(crew, role), nowhere)
        wanted = FOUND_NOTHING.get(operation.name, 404)
        return [] if answer.status == wanted else [f"{operation.name} by the {role}: {answer.status}, not {wanted}"]

    cells = [(operation, role) for operation in of_kind(operations, Kind.CONVERSATION) for role in STATUSES_BY_ROLE]
    assert await all_of(asked(*cell) for cell in cells) == []


async def test_a_direct_conversation_is_its_twos_and_has_nothing_to_change(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, newcomer: Person
) -> None:
    one, other = await town.join("Ina"), await town.join("Jan")
    direct = await town.introduce(one, other)
    await town.until_seen(one, direct.position)

    async def asked(operation: Operation) -> list[str]:
        ids = with_newcomer(direct.ids, newcomer)
        outside = await asking.ask_from_outside(operation, crew.stranger, ids)
        inside = await asking.ask(operation, one, ids)
        wanted = FOUND_NOTHING.get(operation.name, 404)
        found = [] if outside.status == wanted else [f"{operation.name}: {outside.status} to a stranger"]
        return found if inside.status == wanted_of_a_direct_one(operation) else [*found, f"{operation.name}: {inside}"]

    ends = ("/unsend", "/clear")
    asked_first = sorted(of_kind(operations, Kind.CONVERSATION), key=lambda each: each.name.endswith(ends))
    assert [finding for each in asked_first for finding in await asked(each)] == []


def wanted_of_a_direct_one(operation: Operation) -> int:
    """What the one who wrote in it is answered."""
    if operation.name in CONFLICTS_WHEN_DIRECT:
        return 409
    return 404 if operation.name.startswith("POST /v1/message-requests/") else wanted_in_a_group(operation)[2]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has one of each thing that is a person's own."""

    person: Person
    ids: Mapping[str, str]


@pytest.fixture(scope="module")
async def holder(town: Town, crew: Crew, group: Group) -> Holder:
    person = crew.member
    agent = await town.do(person, "POST", "/v1/agents", BODIES["POST /v1/agents"]({}))
    town.canaries.keep(KEY, agent["key"])
    kept = await town.do(
        person, "POST", "/v1/bookmarks/toggle", {**toggled(group.ids), "note": town.canaries.plant(NOTE)}
    )
    ids = {
        "agent_id": agent["user_id"],
        "bookmark_id": kept["bookmark_id"],
        "stream_id": person.user_id,
        "command_id": kept["command_id"],
    }
    await town.until_seen(person, kept["position"])
    return Holder(person, ids)


async def test_what_is_a_persons_own_is_there_for_nobody_else(
    operations: list[Operation], asking: Asking, crew: Crew, holder: Holder
) -> None:
    async def compared(operation: Operation) -> list[str]:
        own = await asking.ask(operation, holder.person, holder.ids)
        found = [] if own.status in operation.successes else [f"{operation.name}: {own} to its owner"]
        for person in (crew.stranger, crew.left, crew.admin, crew.owner):
            told = await asking.ask_from_outside(operation, person, holder.ids)
            for name in operation.path_parameters:
                other = await asking.ask_from_outside(operation, person, {**holder.ids, name: str(uuid4())})
                if (told.status, other.status) != (404, 404) or comparable(told) != comparable(other):
                    found.append(f"{operation.name}: {told} of what is there, {other} of what is not")
        return found

    asked = of_kind(operations, Kind.PERSONAL)
    assert {name for each in asked for name in each.path_parameters} == {*ALSO_NAMED}
    assert await all_of(compared(each) for each in asked) == []


async def test_people_are_known_to_everybody_who_is_signed_in_and_nothing_else_of_them(
    operations: list[Operation], asking: Asking, crew: Crew, group: Group, newcomer: Person
) -> None:
    async def asked(operation: Operation) -> list[str]:
        there = await asking.ask_from_outside(operation, crew.stranger, with_newcomer(group.ids, newcomer))
        nowhere = await asking.ask_from_outside(operation, crew.stranger, {"user_id": str(uuid4())})
        found = [] if there.status == 200 else [f"{operation.name}: {there}"]
        return found if nowhere.status in {200, 404} else [*found, f"{operation.name}: {nowhere} of nobody"]

    assert await all_of(asked(each) for each in of_kind(operations, Kind.PEOPLE)) == []


async def test_whoever_is_new_has_nothing_of_anybody_elses_in_what_is_their_own(
    operations: list[Operation], asking: Asking, town: Town, group: Group, holder: Holder
) -> None:
    """Their own email is theirs to see; and whoever closes their account does it last."""
    new, other = await town.join("Una"), await town.join("Vera")
    ids = {**group.ids, "newcomer_id": other.user_id}
    asked = sorted(of_kind(operations, Kind.ONESELF), key=lambda each: each.name == "DELETE /v1/me")
    for operation in asked:
        answer = await asking.ask(operation, new, ids)
        told = answer.everything.replace(new.email.encode(), b"my own address")
        assert (answer.status in operation.successes, town.canaries.seen_in(told)) == (True, []), (operation, answer)
    assert len(asked) > 15


async def test_the_operators_route_is_the_operators(
    operations: list[Operation], services: Services, asking: Asking, crew: Crew
) -> None:
    for operation in of_kind(operations, Kind.OPERATOR):
        assert (await asking.ask_from_outside(operation, crew.owner, {})).status == 403
        lines = {"Content-Type": operation.body_types[0]}
        answer = await services.ask(
            operation.service, operation.method, operation.path, token=services.operator_token, raw=b"", headers=lines
        )
        assert answer.status == 200


async def test_a_deleted_conversation_is_there_for_nobody(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, newcomer: Person
) -> None:
    deleted = await town.found(crew)
    path = f"/v1/conversations/{deleted.ids['conversation_id']}"
    kept = await town.do(crew.admin, "POST", "/v1/bookmarks/toggle", toggled(deleted.ids))
    gone = await town.do(crew.owner, "DELETE", path)
    await town.until_seen(crew.admin, f"{gone['position']},{kept['position']}")
    ids = with_newcomer(deleted.ids, newcomer)

    async def compared(operation: Operation) -> list[str]:
        told = await asking.ask_from_outside(operation, crew.admin, ids)
        unknown = {**ids, "conversation_id": str(uuid4()), "file_id": str(uuid4())}
        other = await asking.ask_from_outside(operation, crew.admin, unknown)
        return [] if comparable(told) == comparable(other) else [f"{operation.name}: {told}, {other} of what never was"]

    asked = [each for each in of_kind(operations, Kind.CONVERSATION) if each.name not in OF_ONES_OWN_BOOKMARKS]
    assert await all_of(compared(each) for each in asked) == []
    assert await kept_notes_show_no_content(asking, crew.admin, operations)


OF_ONES_OWN_BOOKMARKS = frozenset(
    {"POST /v1/bookmarks/toggle", "GET /v1/bookmarks/check", "DELETE /v1/bookmarks/{type}/{target_id}"}
)
"""What was kept stays kept, wherever its target went; these are asked of one's own list, and tell nothing else."""


async def kept_notes_show_no_content(asking: Asking, person: Person, operations: list[Operation]) -> bool:
    """Whether the list of what this person keeps has nothing in it that they cannot read any more."""
    listed = next(each for each in operations if each.name == "GET /v1/bookmarks")
    answer = await asking.ask(listed, person, {})
    return all(each["preview"] is None for each in answer.json["items"] if each["target_state"] == "inaccessible")


async def test_what_somebody_has_cleared_is_for_them_as_if_it_were_not_there(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, newcomer: Person
) -> None:
    """Of the message. The conversation itself they are still in: they find it by its id."""
    cleared = await town.found(crew)
    path = f"/v1/conversations/{cleared.ids['conversation_id']}"
    done = await town.do(crew.member, "POST", f"{path}/clear")
    await town.until_seen(crew.member, done["position"])
    ids = with_newcomer(cleared.ids, newcomer)

    async def compared(operation: Operation) -> list[str]:
        told = await asking.ask(operation, crew.member, ids)
        other = await asking.ask(operation, crew.member, {**ids, "message_id": str(uuid4()), "target_id": str(uuid4())})
        alike = comparable(told) == comparable(other)
        return [] if alike else [f"{operation.name}: {told} of what was cleared, {other} of what never was"]

    names = {"message_id", "target_id"}
    asked = [each for each in of_kind(operations, Kind.CONVERSATION) if names & {*each.path_parameters}]
    assert len(asked) > 8
    assert await all_of(compared(each) for each in asked) == []


async def test_a_file_of_messages_that_were_unsent_is_its_uploaders_alone(
    operations: list[Operation], asking: Asking, town: Town, crew: Crew, group: Group
) -> None:
    conversation_id = group.ids["conversation_id"]
    file_id = await town.upload(crew.owner)
    shown = await town.show(crew.owner, conversation_id, file_id)
    asked = [each for each in operations if "file_id" in each.path_parameters]
    before = [(await asking.ask(each, crew.member, {"file_id": file_id})).status for each in asked]
    await town.do(crew.owner, "POST", f"/v1/conversations/{conversation_id}/messages/{shown['message_id']}/unsend")
    for operation in asked:
        told = await asking.ask_from_outside(operation, crew.member, {"file_id": file_id})
        other = await asking.ask_from_outside(operation, crew.member, {"file_id": str(uuid4())})
        own = await asking.ask(operation, crew.owner, {"file_id": file_id})
        assert (told, own.status) == (other, 200), operation.name
    assert before == [200, 200]


async def test_what_was_unsent_or_said_before_is_found_by_nobody(
    asking: Asking, town: Town, crew: Crew, group: Group, operations: list[Operation], newcomer: Person
) -> None:
    """What a message said before an edit is in its history, for whoever may read it, and is not found by searching."""
    search = next(each for each in operations if each.name == "GET /v1/messages/search")
    for person in (crew.owner, crew.admin, crew.member):
        for what in (UNSENT_TEXT, EARLIER_TEXT):
            answer = await asking.ask(search, person, {**group.ids, "word": group.words[what]})
            assert (answer.status, answer.json["items"]) == (200, [])
        found = await asking.ask(search, person, group.ids)
        assert [each["message_id"] for each in found.json["items"]] == [group.ids["message_id"]]


async def test_nothing_that_people_say_or_keep_secret_is_printed_or_counted(
    services: Services,
    town: Town,
    crew: Crew,
    group: Group,
    operations: list[Operation],
    asking: Asking,
    holder: Holder,
) -> None:
    """After everybody has asked everything, with what is theirs and with searches and passwords that are not."""
    for what, word in [(what, word.decode()) for word, what in town.canaries.planted.items()][:TRIED]:
        path = "/v1/messages/search"
        await services.ask("query", "GET", path, token=crew.stranger.token, query={"q": word[:200]})
        if what == PASSWORD_OF_SOMEBODY:
            tried = {"email": crew.owner.email, "password": word}
            await services.ask("command", "POST", "/v1/auth/login", body=tried)
    for operation in of_kind(operations, Kind.CONVERSATION, Kind.PERSONAL):
        if not operation.changes_something:
            await asking.ask(operation, crew.owner, {**with_newcomer(group.ids, crew.left), **holder.ids})
    counted = [await services.ask(each, "GET", "/metrics") for each in services.urls]
    assert all(b"verbatim_" in each.body for each in counted)
    assert [town.canaries.seen_in(each.body) for each in counted] == [[], []]
    printed = services.printed()
    assert len([json.loads(line) for line in printed.splitlines()]) > len(services.urls)
    assert town.canaries.seen_in(printed) == []
