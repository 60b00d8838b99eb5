"""Usernames for people who are only named in an archive."""

import re
from collections.abc import Iterator

from shared.identifiers import UserId

SHORTEST, LONGEST = 3, 50
NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_]")
SUFFIX_LENGTHS = (6, 12, 32)


def usernames_for(wanted: str, user_id: UserId) -> Iterator[str]:
    """What to try, in order: the name made fit, if it is long enough, then with more and more of the id behind it."""
    fit = NOT_ALLOWED.sub("_", wanted)
    if len(fit) >= SHORTEST:
        yield fit[:LONGEST]
    digits = user_id.replace("-", "")
    for length in SUFFIX_LENGTHS:
        suffix = f"_{digits[:length]}"
        yield fit[: LONGEST - len(suffix)] + suffix
