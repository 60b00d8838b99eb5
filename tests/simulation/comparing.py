"""Whether the decision store is what the log says, up to the store's own offset."""

import json
from collections.abc import Iterator
from hashlib import blake2b

from aiokafka.structs import TopicPartition

from services.command.knowing import Row, empty_state
from services.command.writing.decision_store import COMMAND_KIND, KnownCommand
from tests.simulation.boards import Moment, PlainBoard, PlainStream
from tests.simulation.brokers import Stored
from tests.simulation.lives import PlainLife
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
        board = moment.board(stream_id)
        if isinstance(board, PlainLife):
            found, expected = _stored_life(tables, board), _life(board)
        else:
            found, expected = _stored_board(tables, stream_id), _board(board)
        if found != expected:
            yield f"store: at offset {row.next_offset} it has {found} of {stream_id}, the log {expected}"


def _stored_life(tables: Tables, life: PlainLife) -> object:
    codec = life.codec
    _, version, parts = tables.streams.get(life.stream_id, (None, 0, None))
    state = empty_state(life.rules.deciders) if parts is None else codec.stream(version, parts)
    rows = {place: codec.row(place[1], *row) for place, row in tables.rows.items() if place[0] == life.stream_id}
    return state, {place: row for place, row in rows.items() if row.value is not None}


def _life(life: PlainLife) -> object:
    rows = {place: row for place, row in life.rows.items() if row.value is not None}
    for command_id, kept in life.commands.items():
        known = KnownCommand(kept.fingerprint, kept.actor, kept.offset, kept.result)
        rows[life.stream_id, COMMAND_KIND, command_id] = Row(kept.version, known)
    return life.state, rows


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


def _board(board: PlainStream) -> object:
    assert isinstance(board, PlainBoard)
    return (
        board.version,
        {"pinned": board.pinned, "taken_off": board.taken_off},
        {name: (text, board.times[name]) for name, text in board.notes.items()},
        {each: (kept.offset, kept.result, kept.fingerprint) for each, kept in board.commands.items()},
    )
