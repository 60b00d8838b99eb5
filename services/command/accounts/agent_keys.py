"""Keys of agents: shown once, when they are made; only their hash is kept."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from services.command.accounts.refusals import AgentKeyInvalid
from shared.identifiers import UserId

AGENT_BYTES = 16
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class AgentKey:
    """Whose key it is, and a secret that is too long to be guessed."""

    agent_id: UserId
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls, agent_id: UserId) -> "AgentKey":
        """Another one."""
        return cls(agent_id, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> "AgentKey":
        """A key from its text. Raises AgentKeyInvalid for what is none."""
        try:
            whole = urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            raise AgentKeyInvalid from None
        if len(whole) != AGENT_BYTES + SECRET_BYTES:
            raise AgentKeyInvalid
        return cls(UserId(str(UUID(bytes=whole[:AGENT_BYTES]))), whole[AGENT_BYTES:])

    def __str__(self) -> str:
        return urlsafe_b64encode(UUID(self.agent_id).bytes + self.secret).decode()

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return sha256(self.secret).digest()
