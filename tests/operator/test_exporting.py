"""The files that exports write: a row of Parquet has all that a line of JSON has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import ParquetFile, read_table

from services.operator.exporting import ROWS_AT_ONCE, writing_to

ENVELOPE = {
    "specversion": "1.0",
    "id": "3f1c9f5e-2f6b-4f0e-9d7a-aa31b6c4d009.0",
    "source": "/verbatim",
    "type": "verbatim.message.sent.v1",
    "time": "2026-03-02T12:00:00.123456Z",
    "data": {"seq": 8, "content": "Good morning 🌅"},
    "subject": "7d2f3a10-6a1f-4f5e-8a53-52a1c5b9e001",
    "sequence": "12",
    "claim": "40-3",
    "fingerprint": "q83vASNFZ4k",
    "actor": "0b0e4c66-59a5-4d0f-9f4c-0d7c1f6a2d01",
}
RECORD = {"topic": "chat.users", "partition": 3, "offset": 41, "event": ENVELOPE}


def written(folder: Path, *records: dict[str, Any]) -> list[dict[str, Any]]:
    with writing_to(folder / "log.parquet", "parquet") as sink:
        for record in records:
            sink.write(record)
    return list(read_table(folder / "log.parquet").to_pylist())


def test_a_row_has_a_column_for_each_attribute(tmp_path: Path) -> None:
    (row,) = written(tmp_path, RECORD)

    assert json.loads(row.pop("data")) == ENVELOPE["data"]
    assert row == {
        "topic": "chat.users",
        "partition": 3,
        "offset": 41,
        "counts": True,
        **{name: value for name, value in ENVELOPE.items() if name != "data"},
        "sequence": 12,
        "time": datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC),
        "cause": None,
        "malformed": None,
    }


def test_what_does_not_count_says_so(tmp_path: Path) -> None:
    assert [row["counts"] for row in written(tmp_path, RECORD, RECORD | {"counts": False})] == [True, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("sequence", value) for value in ("", "x", "1" * 19, 7)],
        *[("time", value) for value in ("", "noon", 7, "0001-01-01T00:00:00+05:00")],
        *[("actor", value) for value in (7, ["x"], None)],
    ],
)
def test_what_is_in_no_form_that_it_should_have_is_null(tmp_path: Path, name: str, value: Any) -> None:
    (row,) = written(tmp_path, RECORD | {"event": ENVELOPE | {name: value}})

    assert row[name] is None
    assert row["id"] == ENVELOPE["id"]


def test_what_could_not_be_read_is_a_row_too(tmp_path: Path) -> None:
    (row,) = written(tmp_path, RECORD | {"counts": False, "event": {"malformed": "no JSON"}})

    assert (row["malformed"], row["offset"], row["counts"], row["data"]) == ("no JSON", 41, False, None)


@pytest.mark.parametrize("records", [0, ROWS_AT_ONCE, ROWS_AT_ONCE + 1])
def test_however_many_there_are_each_is_a_row_in_its_order(tmp_path: Path, records: int) -> None:
    rows = written(tmp_path, *[RECORD | {"offset": number} for number in range(records)])

    assert [row["offset"] for row in rows] == list(range(records))
    assert ParquetFile(tmp_path / "log.parquet").num_row_groups == -(-records // ROWS_AT_ONCE)
