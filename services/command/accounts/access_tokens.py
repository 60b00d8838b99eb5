"""Signs access tokens. `shared/web/authentication.py` verifies them with the public key alone."""

import time
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.identifiers import UserId
from shared.web.authentication import ALGORITHM, AUDIENCE, ISSUER


class AccessTokens:
    """Gives out tokens that are good for `lifetime_seconds`."""

    def __init__(self, key: Ed25519PrivateKey, lifetime_seconds: int) -> None:
        self._key = key
        self.lifetime_seconds = lifetime_seconds

    @classmethod
    def from_file(cls, path: Path, lifetime_seconds: int) -> "AccessTokens":
        """Reads the private key from a PEM file. Raises OSError, or ValueError when it is no Ed25519 key."""
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            msg = f"{path} holds no Ed25519 private key"
            raise ValueError(msg)  # noqa: TRY004  # it is the file's content that is wrong
        return cls(key, lifetime_seconds)

    def token_for(self, user_id: UserId, *, is_agent: bool = False) -> str:
        """A new token of this user's. It says so when they are an agent."""
        now = int(time.time())
        claims: dict[str, object] = {
            "sub": user_id,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "jti": str(uuid4()),
        }
        if is_agent:
            claims["agent"] = True
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)
