"""The logs that are measured: whole streams, with what the parts say that is in them."""

from collections import Counter
from collections.abc import Iterable

from benchmarks.mixed_world import mixed_life_of
from benchmarks.world import Placed, life_of, rooms_of
from shared.events.messages import MessageSent, MessagesRead

ROOMS, MESSAGES = 2, 80
READ_MARKERS = 8


def kinds_of(events: Iterable[Placed]) -> Counter[type]:
    return Counter(type(recorded.event) for _, recorded in events)


def test_the_versions_of_each_stream_go_up_one_by_one() -> None:
    versions = Counter[str]()
    for _, recorded in mixed_life_of(rooms_of(ROOMS), MESSAGES):
        versions[recorded.stream_id] += 1
        assert recorded.version == versions[recorded.stream_id]


def test_a_read_marker_comes_after_each_tenth_message_of_a_room() -> None:
    for life in (life_of, mixed_life_of):
        kinds = kinds_of(life(rooms_of(ROOMS), MESSAGES))
        assert (kinds[MessageSent], kinds[MessagesRead]) == (MESSAGES, READ_MARKERS)


def test_more_than_half_of_the_mixed_log_is_no_message() -> None:
    kinds = kinds_of(mixed_life_of(rooms_of(ROOMS), MESSAGES))

    assert kinds.total() > 2 * kinds[MessageSent]
    assert len(kinds) >= len(kinds_of(life_of(rooms_of(ROOMS), MESSAGES))) + 8
