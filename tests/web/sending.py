"""Bodies as clients send them."""

import json
from typing import Any


def as_json(body: Any) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(body).encode()
