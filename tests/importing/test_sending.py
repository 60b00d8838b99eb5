"""Sending an archive: in order, again when it must be, and counted."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from services.operator.importing.gitter import read_archive
from services.operator.importing.irc import read_archive as read_irc
from services.operator.importing.lines import Line
from services.operator.importing.posting import Answer, NotNowError, RejectedError
from services.operator.importing.saying import in_words
from services.operator.importing.sending import GaveUpError, send
from services.operator.importing.slack import read_archive as read_slack
from services.operator.importing.tally import Tally

SAMPLES = Path(__file__).parents[1] / "samples"
SAMPLE = SAMPLES / "gitter"
Judge = Callable[[Line, int], Answer]


class Service:
    """Records lines as a service does, in order within a conversation; `judge` says what else is answered.

    It is given the line and how often that line was asked before.
    """

    def __init__(self, judge: Judge = lambda _line, _tries: Answer("recorded")) -> None:
        self.judge = judge
        self.tries: dict[str, int] = defaultdict(int)
        self.recorded: list[dict[str, str]] = []
        self.posts = 0

    async def post(self, lines: Sequence[Line]) -> list[Answer]:
        self.posts += 1
        return [self._answer(line) for line in lines]

    def _answer(self, line: Line) -> Answer:
        answer = self.judge(line, self.tries[line.source_id])
        self.tries[line.source_id] += 1
        if answer.outcome == "recorded":
            self.recorded.append(json.loads(line.json))
        return answer

    def of(self, kind: str) -> list[dict[str, str]]:
        return [line for line in self.recorded if line["kind"] == kind]


async def imported(service: Service, patience_seconds: float = 5.0) -> Tally:
    tally = Tally(read_archive(SAMPLE))
    await send(tally.archive, service.post, tally, patience_seconds)
    return tally


async def test_people_come_first_then_each_room_before_its_messages() -> None:
    service = Service()

    await imported(service)

    kinds = [line["kind"] for line in service.recorded]
    assert kinds.index("conversation") == kinds.count("person") == 9
    started: set[str] = set()
    for line in service.recorded:
        if line["kind"] == "conversation":
            started.add(line["source_id"])
        elif line["kind"] == "message":
            assert line["conversation"] in started


async def test_the_messages_of_each_room_come_in_the_order_of_the_archive() -> None:
    service = Service()

    tally = await imported(service)

    for room in tally.archive.rooms:
        sent = [line["source_id"] for line in service.of("message") if line["conversation"] == room.id]
        assert sent == [message.id for message in tally.archive.messages_of(room)]


@pytest.mark.parametrize("outcome", ["unavailable", "unknown"])
async def test_what_was_not_settled_is_asked_again_until_it_is(outcome: str) -> None:
    service = Service(lambda _, tries: Answer(outcome if tries < 2 else "recorded"))

    tally = await imported(service)

    assert tally.counts["message"].recorded == 84
    assert tally.asked_again == 2 * (9 + 4 + 84)


async def test_only_what_was_not_settled_is_asked_again_in_its_order() -> None:
    def every_third(line: Line, tries: int) -> Answer:
        return Answer("unavailable" if tries == 0 and int(line.source_id, 16) % 3 == 0 else "recorded")

    service = Service(every_third)

    await imported(service)

    assert all(tries == (2 if int(source_id, 16) % 3 == 0 else 1) for source_id, tries in service.tries.items())


async def test_a_service_that_manages_only_few_lines_at_once_gets_them_in_their_order() -> None:
    service = Service()

    async def post(lines: Sequence[Line]) -> list[Answer]:
        if len(lines) > 3:
            return [Answer("unavailable") for _ in lines]
        return await service.post(lines)

    tally = Tally(read_archive(SAMPLE))
    await send(tally.archive, post, tally)

    assert tally.counts["message"].recorded == 84
    for room in tally.archive.rooms:
        sent = [line["source_id"] for line in service.of("message") if line["conversation"] == room.id]
        assert sent == [message.id for message in tally.archive.messages_of(room)]


async def test_a_post_without_an_answer_is_posted_again() -> None:
    service = Service()
    refuse = iter([True, True])

    async def post(lines: Sequence[Line]) -> list[Answer]:
        if next(refuse, False):
            raise NotNowError("away")
        return await service.post(lines)

    tally = Tally(read_archive(SAMPLE))
    await send(tally.archive, post, tally)

    assert tally.counts["person"].recorded == 9


async def test_it_gives_up_when_nothing_is_settled_for_long() -> None:
    service = Service(lambda _line, _tries: Answer("unavailable", reason="the writer is away"))

    with pytest.raises(GaveUpError, match="the writer is away"):
        await imported(service, patience_seconds=0.3)


async def test_a_service_that_refuses_to_be_asked_is_not_asked_again() -> None:
    async def post(lines: Sequence[Line]) -> list[Answer]:
        raise RejectedError("the service answered 403")

    tally = Tally(read_archive(SAMPLE))

    with pytest.raises(RejectedError, match="403"):
        await send(tally.archive, post, tally)


async def test_what_a_rule_forbids_is_counted_and_listed_with_its_place_and_the_rest_goes_on() -> None:
    def no_blanks(line: Line, _: int) -> Answer:
        blank = line.kind == "message" and not json.loads(line.json)["content"].strip()
        return Answer("refused", "text-is-blank", "It is blank") if blank else Answer("recorded")

    tally = await imported(Service(no_blanks))

    count = tally.counts["message"]
    assert (count.recorded, count.already_there, count.refused) == (80, 0, 4)
    assert {(each.file, each.row) for each in tally.refused} == {
        ("Harbour.tsv", 11),
        ("Harbour.tsv", 12),
        ("Quiet.tsv", 1),
        ("Quiet.tsv", 2),
    }


async def test_each_reason_is_told_with_its_first_places_in_the_order_of_the_archive() -> None:
    service = Service(lambda line, _: Answer("refused", "too-odd", "It is odd") if line.place else Answer("recorded"))

    lines = in_words(await imported(service)).splitlines()

    assert lines[2] == "messages: 0 imported, 0 already there, 84 refused"
    first = lines.index("Refused: 84 as too-odd (It is odd)")
    places = [line.split()[0].split(":") for line in lines[first + 1 : first + 6]]
    assert places == sorted(places, key=lambda place: (place[0], int(place[1])))
    assert lines[first + 6] == "  … and 79 more: see --report or --json"


async def test_what_is_left_out_is_told_apart_from_what_is_refused() -> None:
    tally = Tally(read_irc(SAMPLES / "irc"))
    await send(tally.archive, Service().post, tally)

    said = in_words(tally)

    assert "messages: 19 imported, 0 already there, 0 refused" in said
    assert "Left out: 4 as system-line (the server says this, nobody in the channel)" in said
    assert "Refused" not in said
    assert tally.report()["left_out_because"]["system-line"] == 4


async def test_reactions_are_counted_by_themselves_and_found_by_the_place_of_their_message() -> None:
    def no_hearts(line: Line, _: int) -> Answer:
        heart = line.kind == "reaction" and json.loads(line.json)["reaction"] == "love"
        return Answer("refused", "no-such-message", "It is not there") if heart else Answer("recorded")

    tally = Tally(read_slack(SAMPLES / "slack"))
    await send(tally.archive, Service(no_hearts).post, tally)

    assert tally.report()["reactions"] == {"recorded": 5, "already_there": 0, "refused": 1}
    assert "reactions: 5 imported, 0 already there, 1 refused" in in_words(tally).splitlines()
    (refused,) = tally.refused
    assert (refused.kind, refused.file, refused.row) == ("reaction", "harbour/2014-05-14.json", 5)


async def test_what_was_taken_with_a_change_is_listed() -> None:
    tally = await imported(
        Service(lambda _line, _tries: Answer("recorded", "replied-to-is-missing", "No such message"))
    )

    assert len(tally.changed) == 9 + 4 + 84
    assert tally.refused == []


async def test_a_second_import_says_that_nothing_was_appended() -> None:
    tally = await imported(Service(lambda _line, _tries: Answer("repeated")))

    assert tally.appended == 0
    assert tally.report()["messages"] == {"recorded": 0, "already_there": 84, "refused": 0}
    assert "Nothing was appended." in in_words(tally).splitlines()
    assert "messages/s" not in in_words(tally)


async def test_why_nothing_goes_on_is_known_while_it_is_so() -> None:
    seen = []

    async def post(lines: Sequence[Line]) -> list[Answer]:
        seen.append(tally.trouble)
        if len(seen) == 1:
            raise NotNowError("http://127.0.0.1:1 does not answer")
        return [Answer("recorded") for _ in lines]

    tally = Tally(read_archive(SAMPLE))
    await send(tally.archive, post, tally)

    assert seen[:2] == ["", "http://127.0.0.1:1 does not answer"]
    assert tally.trouble == ""
