"""Contents in a bucket of any store that speaks S3: each is an object that is named after its SHA-256."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from services.command.files.contents import CHUNK_BYTES, STORE_SECONDS, ContentIsMissingError, Gathered, within_reach
from shared.settings import Settings
from shared.web.downloads import Content, Span

if TYPE_CHECKING:
    from obstore.store import S3Config  # which is there for type checkers alone

PART_BYTES = 5_242_880  # the least that S3 takes as a part
PARTS_AT_ONCE = 2
CONNECT_SECONDS = 3.0
RETRIES = 2
NO_BUCKET = "NoSuchBucket"


class BucketStore:
    """One bucket. An object appears whole or not at all; parts of one that never did are the bucket's to drop."""

    def __init__(self, bucket: S3Store, incoming: Path) -> None:
        self.bucket = bucket
        self.incoming = incoming

    async def put(self, gathered: Gathered) -> None:
        """Sends it, part by part when it is large; one that is there already is replaced by its equal."""
        async with within_reach("keeping a content", BaseError, ValueError):
            await obstore.put_async(
                self.bucket,
                _name_of(gathered.sha256),
                gathered.path,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    async def open(self, sha256: str, span: Span) -> Content:
        """Raises ContentIsMissingError or Unavailable."""
        async with within_reach("opening a content", BaseError, ValueError):
            found = await self._get(_name_of(sha256), span)
        if found is None:
            raise ContentIsMissingError(sha256)
        return _OpenObject(found.stream(CHUNK_BYTES))

    async def _get(self, name: str, span: Span) -> "obstore.GetResult | None":
        asked: obstore.GetOptions = {"range": span} if span.start < span.end else {}  # a range of nothing is an error
        try:
            return await obstore.get_async(self.bucket, name, options=asked)
        except FileNotFoundError as error:
            if NO_BUCKET in str(error):
                raise
            return None


class _OpenObject:
    def __init__(self, stream: "obstore.BytesStream") -> None:
        self._stream = stream

    async def read(self) -> bytes:
        async with within_reach("reading a content", BaseError, ValueError):
            try:
                return bytes(await anext(self._stream))
            except StopAsyncIteration:
                return b""

    async def close(self) -> None:
        """The request ends when nobody holds its stream any more."""
        del self._stream


def bucket_store_of(settings: Settings) -> BucketStore:
    """The bucket that the settings name. Without a key id, the client looks for credentials as those of AWS do."""
    config: S3Config = {"region": settings.files_bucket_region}
    if settings.files_bucket_endpoint:
        config["endpoint"] = settings.files_bucket_endpoint
    if settings.files_bucket_key_id:
        config["access_key_id"] = settings.files_bucket_key_id
        config["secret_access_key"] = settings.files_bucket_secret
    bucket = S3Store(
        settings.files_bucket,
        config=config,
        client_options={
            "allow_http": settings.files_bucket_endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=settings.file_seconds),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=STORE_SECONDS)},
    )
    return BucketStore(bucket, settings.files_directory / "incoming")


def _name_of(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
