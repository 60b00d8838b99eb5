"""Time tells as much as words: for a file that there is not, and for one that is not theirs, the same work is done."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.command.asking import Asked, Parts
from services.command.deciding import R, RowKey, RowKind
from services.command.features.files.facts import FILE, File
from services.command.features.files.reading import file_to_read
from services.command.features.files.routes import ROUTES
from services.command.features.messages.attaching import ATTACHMENT, Attached, attached_key
from services.command.writing.decision_store import Codec
from services.command.writing.finding import Finder, FoundRow
from shared.identifiers import FileId, MessageId, StreamId, StreamKind, UserId, derived_id
from shared.log.topics import ensure_topics
from shared.postgres import BY_KEY, Pool, close_pool, open_pool
from shared.settings import Settings
from shared.web.fields import NoParameters, Nothing
from shared.web.routes import Incoming
from tests.conversations.examples import ANN, CREW, EVE

TIDES = FileId(derived_id("file", "tides"))
NOWHERE = FileId(derived_id("file", "nowhere"))


@dataclass
class Watched:
    """A finder that notes what it is asked."""

    finder: Finder
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def rows(self, kind: RowKind[R], start: str, end: str, beside: RowKey | None = None) -> list[FoundRow[R]]:
        """Rows as ever."""
        self.asked.append(("rows", kind.name, beside.key if beside else ""))
        return await self.finder.rows(kind, start, end, beside)

    async def catch_up(self, *kinds: StreamKind) -> None:
        """Waits as ever."""
        self.asked.append(("catch up", *kinds))
        await self.finder.catch_up(*kinds)


@pytest.fixture
async def pool(service_settings: Settings) -> AsyncIterator[Pool]:
    """A decision store in which Ann has a file that she has sent to the crew."""
    pool = await open_pool(service_settings, server_settings=BY_KEY)
    encode = Codec(()).encode
    rows: list[tuple[StreamId, RowKind[Any], str, Any]] = [
        (StreamId(ANN), FILE, TIDES, File("tides.pdf", "application/pdf", 1, "9" * 64)),
        *(
            (StreamId(CREW), ATTACHMENT, attached_key(TIDES, MessageId(derived_id("message", str(seq)))), Attached(seq))
            for seq in range(3)
        ),
    ]
    await pool.executemany(
        "INSERT INTO decisions.rows (stream_id, kind, key, version, value) VALUES ($1, $2, $3, 1, $4)",
        [(stream, kind.name, key, encode(value)) for stream, kind, key, value in rows],
    )
    yield pool
    await close_pool(pool)


async def looked_for(pool: Pool, settings: Settings, by: UserId, file_id: FileId) -> tuple[File | None, Any]:
    """What somebody gets, and the work that it took."""
    await ensure_topics(settings)
    watched = Watched(Finder(settings, pool))
    nothing: Any = None  # no writer is asked, and nothing comes or goes
    parts = Parts(nothing, nothing, nothing, nothing, nothing, cast(Finder, watched), nothing, nothing)
    incoming = Incoming(
        Nothing(), NoParameters(), NoParameters(), NoParameters(), by, None, datetime.now(UTC), "", "", ROUTES[1]
    )
    try:
        return await file_to_read(Asked(incoming, parts), file_id), watched.asked
    finally:
        await watched.finder.close()


async def test_of_what_is_not_theirs_no_more_is_looked_at_than_of_what_there_is_not(
    service_settings: Settings, pool: Pool
) -> None:
    of_another, of_nobody = [await looked_for(pool, service_settings, EVE, each) for each in (TIDES, NOWHERE)]

    assert of_another == of_nobody
    assert of_another[0] is None
    assert len(of_another[1]) == 5


async def test_ones_own_file_is_found_by_one_look(service_settings: Settings, pool: Pool) -> None:
    found, work = await looked_for(pool, service_settings, ANN, TIDES)

    assert found is not None
    assert work == [("rows", "file", "")]
