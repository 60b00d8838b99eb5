"""Words that stand nowhere else: whatever is told to whom, or printed, is searched for them."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(slots=True)
class Canaries:
    """The words planted so far, each with what it is part of."""

    planted: dict[bytes, str] = field(default_factory=dict)

    def plant(self, what: str) -> str:
        """A new word, to be a part of this; of lower-case letters and digits alone, so that nothing rewrites it."""
        word = f"canary{uuid4().hex[:16]}"
        self.planted[word.encode()] = what
        return word

    def keep(self, what: str, secret: str) -> str:
        """Something that is secret as it is, and was not made here: a token, a key."""
        self.planted[secret.encode()] = what
        return secret

    def seen_in(self, told: bytes) -> list[str]:
        """What the words that are in it are part of."""
        return sorted({what for word, what in self.planted.items() if word in told})
