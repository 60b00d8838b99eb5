"""The identity of a record: whoever keeps an offset keeps it of the record before, and notices if the log went back."""

from hashlib import blake2b

IDENTITY_BYTES = 16


def identity_of(value: bytes | None) -> bytes:
    """What stands for a record at its offset: a hash of its value, which names its claim, stream and version."""
    return blake2b(value or b"", digest_size=IDENTITY_BYTES).digest()
