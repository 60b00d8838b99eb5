"""Whether the decision store is what the log says, up to the store's own offset."""

import json
from collections.abc import Iterator
from hashlib import blake2b

from aiokafka.structs import TopicPartition

from tests.simulation.boards import Moment, PlainBoard
from tests.simulation.brokers import Stored
from tests.simulation.store import Tables


def differences(tables: Tables, partition: TopicPartition, records: list[Stored], moment: Moment) -> Iterator[str]:
    """What the store has of a partition otherwise than the log. `moment`: the log at the store's offset."""
    row = tables.partitions[partition]
    before = records[row.next_offset - 1].value if row.next_offset else None
    if before is not None and row.last_record != blake2b(before, digest_size=16).digest():
        yield f"store: the record before offset {row.next_offset} is another"
    if row.next_offset and (row.claim.offset, row.claim.epoch) != moment.claim:
        yield f"store: {row.claim} is in force at {row.next_offset}, in the log it is {moment.claim}"
    stored = {each for each, (where, _, _) in tables.streams.items() if where == partition}
    for stream_id in stored | set(moment.boards):
        if _stored_board(tables, stream_id) != _board(moment.board(stream_id)):
            yield (
                f"store: at offset {row.next_offset} it has {_stored_board(tables, stream_id)} of {stream_id}, "
                f"the log {_board(moment.board(stream_id))}"
            )


def _stored_board(tables: Tables, stream_id: str) -> object:
    _, version, parts = tables.streams.get(stream_id, (None, 0, b'{"board":{"pinned":0,"taken_off":0}}'))  # type: ignore[call-overload]
    rows = {place: json.loads(value) for place, (_, value) in tables.rows.items() if place[0] == stream_id}
    return (
        version,
        json.loads(parts)["board"],
        {key: (value["text"], value["times"]) for (_, kind, key), value in rows.items() if kind == "note"},
        {
            key: (value["offset"], value["result"], value["fingerprint"])
            for (_, k, key), value in rows.items()
            if k == "command"
        },
    )


def _board(board: PlainBoard) -> object:
    return (
        board.version,
        {"pinned": board.pinned, "taken_off": board.taken_off},
        {name: (text, board.times[name]) for name, text in board.notes.items()},
        {each: (kept.offset, {"version": kept.version}, kept.fingerprint) for each, kept in board.commands.items()},
    )
