"""What is read of a record: the same by every reader, wherever it runs; or that it cannot be read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.log.records import DecodedEvent, UndecodableRecordError, decode_record

ENVELOPE = {
    "specversion": "1.0",
    "id": "b1f1b7a0-0000-4000-8000-000000000001.0",
    "source": "/verbatim",
    "type": "verbatim.message.read.v1",
    "time": "2026-03-02T12:00:00Z",
    "data": {"seq": 7},
    "subject": "b1f1b7a0-0000-4000-8000-000000000002",
    "sequence": "3",
    "claim": "5-1",
    "actor": "b1f1b7a0-0000-4000-8000-000000000003",
}


def value(**changed: Any) -> bytes:
    return json.dumps({**ENVELOPE, **changed}).encode()


@pytest.mark.parametrize("time", ["2026-03-02T12:00:00Z", "2026-03-02T14:30:00+02:30", "2026-03-02T03:00:00-09:00"])
def test_a_time_is_read_in_utc_wherever_it_is_from(time: str) -> None:
    decoded = decode_record(value(time=time))

    assert isinstance(decoded, DecodedEvent)
    assert (decoded.recorded.time, decoded.recorded.time.tzinfo) == (datetime(2026, 3, 2, 12, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        b"",
        b"[]",
        value(type="verbatim.message.shouted.v1"),
        value(data={"seq": "seven"}),
        value(sequence="third"),
        value(id="without an index"),
        value(claim="5"),
        value(claim="05-1"),
        value(claim="\u0665-1"),
        value(time="2026-03-02T12:00:00"),
        value(time="0001-01-01T00:00:00+14:00"),
        value().replace(b'{"seq": 7}', b'{"seq": 7, "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ],
)
def test_what_is_no_record_is_not_read(unreadable: bytes | None) -> None:
    with pytest.raises(UndecodableRecordError):
        decode_record(unreadable)
