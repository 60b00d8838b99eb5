"""The files that exports write: JSON lines, or Parquet with a column for each attribute of a record."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, Protocol

Format = Literal["jsonl", "parquet"]

ROWS_AT_ONCE = 10_000
DIGITS = re.compile(r"[0-9]{1,18}")
ATTRIBUTES = (
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "claim",
    "fingerprint",
    "actor",
    "cause",
    "malformed",
)


class Sink(Protocol):
    """Takes records, each with its place and its envelope, in their order."""

    def write(self, record: Mapping[str, Any]) -> None:
        """Takes one more."""


class JsonLines:
    """A line of JSON a record."""

    def __init__(self, to: IO[str]) -> None:
        self._to = to

    def write(self, record: Mapping[str, Any]) -> None:
        """Writes one more line."""
        self._to.write(json.dumps(record, ensure_ascii=False) + "\n")


class Rows:
    """Rows of a table, written some thousands at once."""

    def __init__(self, write_rows: Callable[[list[dict[str, Any]]], None]) -> None:
        self._write_rows = write_rows
        self._rows: list[dict[str, Any]] = []

    def write(self, record: Mapping[str, Any]) -> None:
        """Takes one more row."""
        self._rows.append(row_of(record))
        if len(self._rows) == ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Writes the rows that are there, if there are any."""
        if self._rows:
            self._write_rows(self._rows)
        self._rows = []


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record's row. `data` is JSON; what an envelope does not have, or has in another form, is null."""
    envelope = record["event"]
    return {
        "topic": record["topic"],
        "partition": record["partition"],
        "offset": record["offset"],
        "counts": record.get("counts", True),
        **{name: _text(envelope.get(name)) for name in ATTRIBUTES},
        "sequence": _number(envelope.get("sequence")),
        "time": _moment(envelope.get("time")),
        "data": json.dumps(envelope["data"], ensure_ascii=False) if "data" in envelope else None,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and DIGITS.fullmatch(value) else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@contextmanager
def writing_to(path: Path, form: Format) -> Iterator[Sink]:
    """Gives what writes the file, which is whole at the end. Raises OSError."""
    if form == "parquet":
        with _writing_parquet(path) as sink:
            yield sink
    else:
        with path.open("w", encoding="utf-8") as file:
            yield JsonLines(file)


@contextmanager
def _writing_parquet(path: Path) -> Iterator[Sink]:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and other commands start without it
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - likewise

    columns = {
        "topic": pa.string(),
        "partition": pa.int32(),
        "offset": pa.int64(),
        "counts": pa.bool_(),
        **dict.fromkeys(ATTRIBUTES, pa.string()),
        "sequence": pa.int64(),
        "time": pa.timestamp("us", tz="UTC"),
        "data": pa.string(),
    }
    schema = pa.schema([pa.field(name, type_) for name, type_ in columns.items()])
    with ParquetWriter(path, schema, compression="zstd") as writer:
        rows = Rows(lambda some: writer.write_batch(pa.RecordBatch.from_pylist(some, schema=schema)))
        yield rows
        rows.flush()
