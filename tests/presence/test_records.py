"""What stands in `chat.presence`, and what is read of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.identifiers import derived_id
from shared.log.presence import UndecodablePresenceError, decode_last_seen, encode_last_seen

ADA = derived_id("spec", "ada")
SEEN_AT = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)


def test_a_record_is_plain_json_with_the_users_id_as_its_key() -> None:
    assert encode_last_seen(SEEN_AT) == b'{"last_seen_at":"2026-03-02T12:00:00.123Z"}'


def test_what_is_written_is_read_to_the_millisecond() -> None:
    written = encode_last_seen(SEEN_AT + timedelta(microseconds=999))
    assert decode_last_seen(ADA.encode(), written) == (ADA, SEEN_AT)


def test_a_time_is_in_utc_wherever_it_was_seen() -> None:
    elsewhere = SEEN_AT.astimezone(timezone(timedelta(hours=-9)))
    assert encode_last_seen(elsewhere) == encode_last_seen(SEEN_AT)


def test_a_record_without_a_value_says_that_somebody_is_forgotten() -> None:
    assert decode_last_seen(ADA.encode(), None) == (ADA, None)


def test_what_later_versions_add_is_passed_over() -> None:
    written = b'{"last_seen_at":"2026-03-02T12:00:00.123Z","on":"a telephone"}'
    assert decode_last_seen(ADA.encode(), written) == (ADA, SEEN_AT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, encode_last_seen(SEEN_AT)),
        (b"", encode_last_seen(SEEN_AT)),
        (b"ada", encode_last_seen(SEEN_AT)),
        (b"\xff", None),
        (ADA.encode(), b""),
        (ADA.encode(), b"{}"),
        (ADA.encode(), b"\xff"),
        (ADA.encode(), b'{"last_seen_at":"yesterday"}'),
        (ADA.encode(), b'{"last_seen_at":"2026-03-02T12:00:00"}'),
        (ADA.encode(), b'{"last_seen_at":1}'),
        (ADA.encode(), b'{"last_seen_at":"0001-01-01T00:00:00+14:00"}'),
        (ADA.encode(), b'{"deep":' * 100_000),
    ],
)
def test_what_is_no_such_record_is_not_read(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(UndecodablePresenceError):
        decode_last_seen(key, value)
