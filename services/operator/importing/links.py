"""Links, as plain text has them."""

import re

SCHEME = re.compile(r"[a-z]+:(//)?")


def link(target: str, label: str) -> str:
    """What was written, where the chat itself made a link of it: the address with or without its scheme."""
    if label in ("", target):
        return target
    return label if SCHEME.sub("", target).rstrip("/") == label.rstrip("/") else f"{label} ({target})"
