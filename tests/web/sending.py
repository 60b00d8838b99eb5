"""Bodies as clients send them."""

import json
from typing import Any


def as_json(body: Any) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(body).encode()


def nested(depth: int) -> bytes:
    """The bytes of a JSON body with a text, whose innermost value is `depth` deep."""
    return b'{"text": "", "inner": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
