"""Whatever is asked of a stream: what must be true of every decider, alone and together with the others."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.command.deciding import Command, Decider
from services.command.dispatching import Accepted
from services.command.writing.decision_store import Codec
from shared.events.catalogue import EVENTS
from shared.identifiers import StreamKind
from tests.properties.lives import AskedTogether, Life, begin, decoded, groups_of, lived, one_by_one, replayed
from tests.properties.stories import ASKED, DECIDERS, STORIES, Story

of_every_kind = pytest.mark.parametrize("kind", list(StreamKind))
often_enough = settings(max_examples=settings().max_examples // 2)
OFTEN_ENOUGH_FOR_ALL = 300
RETRIES = st.lists(st.tuples(st.integers(min_value=0), st.integers(min_value=0)), max_size=12)


@of_every_kind
@often_enough
@given(data=st.data())
def test_whoever_replays_the_log_knows_what_its_writer_knew(kind: StreamKind, data: st.DataObject) -> None:
    story = data.draw(STORIES[kind])
    life = lived(kind, groups_of(story))

    assert replayed(kind, life.log) == life.knowledge


@of_every_kind
@often_enough
@given(data=st.data())
def test_what_is_known_comes_back_from_the_store_as_it_was(kind: StreamKind, data: st.DataObject) -> None:
    story = data.draw(STORIES[kind])
    knowledge = lived(kind, groups_of(story)).knowledge
    codec, state = Codec(knowledge.rules.deciders), knowledge.state

    assert codec.stream(state.version, codec.encode(state.parts)) == state
    for (_, name, _), row in knowledge.rows.items():
        assert row.value is None or codec.row(name, row.version, codec.encode(row.value)) == row


@of_every_kind
@often_enough
@given(data=st.data())
def test_what_is_refused_or_changes_nothing_leaves_no_trace(kind: StreamKind, data: st.DataObject) -> None:
    story = data.draw(STORIES[kind])
    life = begin(kind)
    for asked in one_by_one(story):
        before, length = life.knowledge.as_bytes(), len(life.log)
        life.ask(asked)
        _, answer = life.answers[-1]
        appended = isinstance(answer, Accepted) and answer.appended
        assert appended == (len(life.log) > length)
        assert appended == (life.knowledge.as_bytes() != before)


@of_every_kind
@often_enough
@given(data=st.data())
def test_retries_are_answered_as_the_first_try_and_change_nothing_however_late_and_in_whatever_order(
    kind: StreamKind, data: st.DataObject
) -> None:
    story, retries = data.draw(STORIES[kind]), data.draw(RETRIES)
    groups = groups_of(story)
    once = lived(kind, groups)
    again = lived(kind, _retried(groups, once, retries))

    assert again.log == once.log
    assert again.knowledge == once.knowledge
    for command_id, answer in again.answers:
        if command_id in once.recorded:
            assert isinstance(answer, Accepted)
            first = once.recorded[command_id]
            assert (answer.position, answer.result) == (first.position, first.result)


def _retried(groups: Sequence[AskedTogether], once: Life, retries: Sequence[tuple[int, int]]) -> list[AskedTogether]:
    """The same groups, with retries of what is recorded by then: in the group of the first try, or in a later one."""
    retried = list(groups)
    for where, which in retries:
        place = where % len(groups)
        so_far = [each for group in groups[: place + 1] for each in group.submissions]
        recorded = [each for each in so_far if each.command_id in once.recorded]
        if recorded:
            again = (*retried[place].submissions, recorded[which % len(recorded)])
            retried[place] = AskedTogether(groups[place].after, again)
    return retried


@of_every_kind
@often_enough
@given(data=st.data())
def test_a_command_that_is_asked_by_itself_names_all_that_it_needs(kind: StreamKind, data: st.DataObject) -> None:
    story = data.draw(STORIES[kind])
    life = begin(kind)
    for asked in one_by_one(story):
        assert life.ask(asked) == 1


@pytest.mark.parametrize("decider", DECIDERS, ids=lambda each: each.name)
def test_everything_that_a_decider_has_a_rule_for_is_asked_of_it_in_every_way(decider: Decider) -> None:
    asked, said = set[type](), defaultdict[str, set[str]](set)

    @settings(max_examples=OFTEN_ENOUGH_FOR_ALL, phases=[Phase.generate])
    @given(ASKED[decider.name])
    def ask(command: Command) -> None:
        asked.add(type(command))
        for name, value in _beside_the_stream(command):
            said[f"{type(command).__name__}.{name}"].add(repr(value))

    ask()
    assert asked == {rule.command for rule in decider.rules}
    assert [name for name, values in said.items() if len(values) == 1] == []


def _beside_the_stream(command: Command) -> Iterator[tuple[str, object]]:
    for field in fields(command):  # type: ignore[arg-type]  # every command is a dataclass
        value = getattr(command, field.name)
        if value != command.stream.id:
            yield field.name, value


@of_every_kind
def test_every_rule_accepts_in_some_story_and_every_event_is_recorded(kind: StreamKind) -> None:
    accepted, happened = set[type](), set[type]()

    @settings(max_examples=OFTEN_ENOUGH_FOR_ALL, phases=[Phase.generate])
    @given(STORIES[kind])
    def tell(story: Story) -> None:
        life = lived(kind, groups_of(story))
        answers = zip(story.asks, life.answers, strict=True)
        accepted.update(type(ask.command) for ask, (_, answer) in answers if isinstance(answer, Accepted))
        happened.update(type(recorded.event) for recorded in decoded(life.log))

    tell()
    assert accepted == {rule.command for decider in DECIDERS if decider.kind is kind for rule in decider.rules}
    assert happened == set(EVENTS[kind])
