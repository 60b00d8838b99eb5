"""Contact policies and message requests over HTTP: through both services, the log between them."""

from typing import Any

import pytest

from services.command.features.contact_policies.routes import ContactPolicyBody
from shared.identifiers import derived_id
from tests.conversations.talking import a_group, but_for_the_request, people, pointers_of, say, started, told
from tests.fixtures.command_service import Answer, CommandService, Person
from tests.fixtures.query_service import QueryService


@pytest.mark.parametrize("body", [{}, {"policy": None}, {"policy": "closed"}, {"policy": "Request"}])
def test_what_is_no_policy_is_refused_by_its_place(body: dict[str, Any]) -> None:
    assert pointers_of(ContactPolicyBody, body) == ["/policy"]


async def wants_to_be_asked(person: Person) -> Answer:
    answer = await person.ask("PUT", "/v1/me/contact-policy", {"policy": "request"})
    assert answer.status == 200, answer
    return answer


async def a_request(requester: Person, recipient: Person) -> str:
    """The path of a conversation that has just been asked for."""
    await wants_to_be_asked(recipient)
    return await started(requester, {"kind": "direct", "participant_ids": [recipient.user_id]})


def answering(conversation: str, answer: str) -> str:
    return f"/v1/message-requests/{conversation.rpartition('/')[2]}/{answer}"


async def test_a_policy_is_set_once_and_told_to_its_person_alone(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben = await people(command_service, 2)
    first, again = await wants_to_be_asked(ann), await wants_to_be_asked(ann)
    assert set(first.body) == set(again.body) == {"command_id", "position"}
    policies = [
        (await query_service.get("/v1/me/contact-policy", by=each.user_id, min_position=first.body["position"])).body
        for each in (ann, ben)
    ]
    assert policies == [{"policy": "request"}, {"policy": "open"}]


async def test_a_request_is_as_any_conversation_to_who_starts_it_and_starting_it_again_gives_it(
    command_service: CommandService,
) -> None:
    ann, ben, cy = await people(command_service, 3)
    request, at_once = (
        await a_request(ann, ben),
        await started(ann, {"kind": "direct", "participant_ids": [cy.user_id]}),
    )
    again = await ann.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ben.user_id]})
    assert (again.status, f"/v1/conversations/{again.body['conversation_id']}") == (200, request)
    first, other = await say(ann, request, "Hello"), await say(ann, at_once, "Hello")
    assert (first.status, set(first.body)) == (other.status, set(other.body)) == (201, set(first.body))


async def test_three_messages_are_sent_until_it_is_accepted_and_a_repeat_is_told_what_it_was(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    request = await a_request(ann, ben)
    key = derived_id("third")
    sent = [await say(ann, request, "Hello", key=each) for each in (None, None, key)]
    assert [each.status for each in sent] == [201] * 3
    assert told(await say(ann, request, "Hello")) == (403, "request-pending")
    assert (await say(ann, request, "Hello", key=key)).body == sent[2].body
    assert (await ben.ask("POST", answering(request, "accept"))).status == 200
    assert (await say(ann, request, "Hello")).status == 201


async def test_an_answer_accepts_and_is_answered_as_any_message(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    request = await a_request(ann, ben)
    for _ in range(3):
        await say(ann, request, "Hello")
    key = derived_id("answer")
    answer, repeat = [await say(ben, request, "Hi", key=key) for _ in range(2)]
    assert (answer.status, answer.body["seq"]) == (201, 4)
    assert (repeat.status, repeat.body) == (200, answer.body)
    assert (await say(ann, request, "Hello")).status == 201
    assert told(await ben.ask("POST", answering(request, "decline"))) == (409, "request-accepted")


async def test_a_decline_is_told_when_the_next_message_is_sent_and_can_be_taken_back(
    command_service: CommandService,
) -> None:
    ann, ben = await people(command_service, 2)
    request = await a_request(ann, ben)
    first = await say(ann, request, "Hello")
    declines = [await ben.ask("POST", answering(request, "decline")) for _ in range(2)]
    assert [each.status for each in declines] == [200, 200]
    edited = await ann.ask("PATCH", f"{request}/messages/{first.body['message_id']}", {"content": "Good day"})
    assert edited.status == 200
    assert told(await say(ann, request, "Hello?")) == (403, "request-declined")
    assert (await ben.ask("POST", answering(request, "accept"))).status == 200
    assert (await say(ann, request, "Hello?")).status == 201


async def test_who_may_not_answer_is_told_nothing_of_it(command_service: CommandService) -> None:
    ann, ben, cy = await people(command_service, 3)
    request = await a_request(ann, ben)
    before = [await ann.ask("POST", answering(request, each)) for each in ("accept", "decline")]
    assert [told(each) for each in before] == [(403, "only-recipient")] * 2
    await ben.ask("POST", answering(request, "decline"))
    after = [await ann.ask("POST", answering(request, each)) for each in ("accept", "decline")]
    assert [but_for_the_request(each) for each in after] == [but_for_the_request(each) for each in before]
    nothing = answering(f"/{derived_id('nothing')}", "accept")
    assert told(await cy.ask("POST", answering(request, "accept"))) == (404, "not-found")
    assert told(await cy.ask("POST", nothing)) == (404, "not-found")
    group = await a_group(ann, ben)
    assert told(await ben.ask("POST", answering(group, "accept"))) == (404, "no-message-request")


async def test_nothing_is_shown_to_who_asks_until_it_is_accepted(
    command_service: CommandService, query_service: QueryService
) -> None:
    ann, ben = await people(command_service, 2)
    request = await a_request(ann, ben)
    sent = await say(ann, request, "Hello")
    message = f"{request}/messages/{sent.body['message_id']}"

    async def seen(by: Person, path: str, after: Answer, **parameters: Any) -> Any:
        answer = await query_service.get(path, by=by.user_id, min_position=after.body["position"], **parameters)
        assert answer.status == 200, answer
        return answer.body

    async def states(by: Person, after: Answer, direction: str) -> list[str]:
        found = await seen(by, "/v1/message-requests", after, direction=direction)
        return [each["state"] for each in found["items"]]

    assert (await seen(ben, "/v1/conversations", sent))["items"] == []
    assert (await states(ben, sent, "received"), await states(ann, sent, "sent")) == (["pending"], ["pending"])
    read = await ben.ask("POST", f"{request}/read", {"seq": 1})
    assert (await seen(ann, message, read))["status"] == "sent"
    liked = await ben.ask("PUT", f"{message}/reaction", {"kind": "like"})
    assert told(liked) == (409, "request-must-be-accepted")
    declined = await ben.ask("POST", answering(request, "decline"))
    assert (await states(ben, declined, "received"), await states(ann, declined, "sent")) == (["declined"], ["pending"])
    accepted = await ben.ask("POST", answering(request, "accept"))
    assert (await states(ben, accepted, "received"), await states(ann, accepted, "sent")) == (
        ["accepted"],
        ["accepted"],
    )
    assert (await seen(ann, message, accepted))["status"] == "read"
    (listed,) = (await seen(ben, "/v1/conversations", accepted))["items"]
    assert listed["title"] == ann.username


async def test_a_conversation_that_was_there_before_stays_one(command_service: CommandService) -> None:
    ann, ben = await people(command_service, 2)
    pair = await started(ann, {"kind": "direct", "participant_ids": [ben.user_id]})
    await wants_to_be_asked(ben)
    again = await ann.ask("POST", "/v1/conversations", {"kind": "direct", "participant_ids": [ben.user_id]})
    assert again.status == 200
    assert [(await say(ann, pair, "Hello")).status for _ in range(4)] == [201] * 4
    assert told(await ben.ask("POST", answering(pair, "accept"))) == (404, "no-message-request")
