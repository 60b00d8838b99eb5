"""However a log is cut into batches, the tables come to be the same."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.projector.planning import waves_of
from services.projector.projection import Batch
from services.projector.projections import PROJECTIONS
from shared.events.domain_event import Recorded
from shared.identifiers import StreamKind
from tests.fixtures.read_tables import ReadTables
from tests.properties.lives import decoded, groups_of, lived
from tests.properties.stories import STORIES

TABLES = [table for projection in PROJECTIONS for table in projection.tables]
often_enough = settings(
    max_examples=settings().max_examples * 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("kind", list(StreamKind))
@often_enough
@given(data=st.data())
async def test_however_a_log_is_cut_into_batches_the_tables_come_to_be_the_same(
    kind: StreamKind, data: st.DataObject, read_tables: ReadTables
) -> None:
    events = decoded(lived(kind, groups_of(data.draw(STORIES[kind]))).log)
    cuts = sorted(data.draw(st.lists(st.integers(1, max(1, len(events))), max_size=4)))
    pieces = [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]

    one_by_one = await _rows_after(read_tables, [[each] for each in events])
    assert await _rows_after(read_tables, [events]) == one_by_one
    assert await _rows_after(read_tables, pieces) == one_by_one
    assert await _rows_after(read_tables, pieces, turned=True) == one_by_one


async def _rows_after(
    tables: ReadTables, batches: Sequence[Sequence[Recorded]], *, turned: bool = False
) -> dict[str, list[Any]]:
    """What stands in every table once these batches were applied to empty ones, which they are again afterwards."""
    transaction = tables.connection.transaction()
    await transaction.start()
    try:
        for batch in batches:
            await (_project_turned(tables, batch) if turned else tables.project(*batch))
        return {
            table: sorted(str(tuple(row)) for row in await tables.connection.fetch(f"SELECT * FROM {table}"))
            for table in TABLES
        }
    finally:
        await transaction.rollback()


async def _project_turned(tables: ReadTables, batch: Sequence[Recorded]) -> None:
    """As a plan is carried out, but with everything in another order that need not have its order."""
    for projection in PROJECTIONS:
        concern = [each for each in batch if type(each.event) in projection.clauses]
        for wave in waves_of(projection, concern):
            for clause, events in reversed(wave):
                for change in clause.changes(Batch(events[::-1])):
                    await change.make(tables.connection)
