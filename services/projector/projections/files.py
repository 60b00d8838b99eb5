"""One row: a file that somebody uploaded."""

from collections.abc import Iterator

from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.files import FileUploaded

projection = Projection("files", tables=("files",))


@projection.on(FileUploaded, rows="file_id")
def keep(events: Batch[FileUploaded]) -> Iterator[Change]:
    yield Statement(
        """
        INSERT INTO files (file_id, user_id, name, media_type, size, sha256, uploaded_at)
        SELECT * FROM unnest(
            $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[])
        ON CONFLICT (file_id) DO NOTHING
        """,
        *events.columns("file_id", "stream_id", "name", "media_type", "size", "sha256", "time"),
    )
