"""Refresh tokens: one family for each log-in, of which the newest token alone is good, and only its hash is kept."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid4

from services.command.accounts.refusals import RefreshTokenInvalid
from shared.identifiers import UserId
from shared.postgres import Pool, connected

FAMILY_BYTES = 16
SECRET_BYTES = 32

START = "INSERT INTO {schema}.refresh_families VALUES ($1, $2, $3, now() + make_interval(secs => $4))"
FORGET_EXPIRED = "DELETE FROM {schema}.refresh_families WHERE expires_at < now()"
ROTATE = """
    UPDATE {schema}.refresh_families AS family
    SET token_hash = $3, expires_at = now() + make_interval(secs => $4)
    FROM {schema}.accounts AS account
    WHERE family_id = $1 AND token_hash = $2 AND expires_at > now()
      AND account.user_id = family.user_id AND account.is_active
    RETURNING family.user_id
    """
REVOKE = "DELETE FROM {schema}.refresh_families WHERE family_id = $1"
REVOKE_ALL = "DELETE FROM {schema}.refresh_families WHERE user_id = $1"


@dataclass(frozen=True, slots=True)
class _Token:
    """The family, which only holders of one of its tokens know, and a secret of this token's own."""

    family_id: str
    secret: bytes

    @classmethod
    def new(cls, family_id: str) -> "_Token":
        return cls(family_id, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> "_Token":
        try:
            whole = urlsafe_b64decode(text.encode("ascii") + b"==")
        except ValueError:
            raise RefreshTokenInvalid from None
        if len(whole) != FAMILY_BYTES + SECRET_BYTES:
            raise RefreshTokenInvalid
        return cls(str(UUID(bytes=whole[:FAMILY_BYTES])), whole[FAMILY_BYTES:])

    def __str__(self) -> str:
        return urlsafe_b64encode(UUID(self.family_id).bytes + self.secret).rstrip(b"=").decode()

    @property
    def hash(self) -> bytes:
        return sha256(self.secret).digest()


class RefreshTokens:
    """Starts, rotates and revokes families. Raises Unavailable when Postgres is away."""

    def __init__(self, pool: Pool, schema: str, lifetime_seconds: int) -> None:
        self._pool = pool
        self._schema = schema
        self._lifetime_seconds = float(lifetime_seconds)

    async def start(self, user_id: UserId) -> str:
        """The first token of a new family."""
        token = _Token.new(str(uuid4()))
        async with connected(self._pool) as connection:
            await connection.execute(self._sql(FORGET_EXPIRED))
            await connection.execute(self._sql(START), token.family_id, user_id, token.hash, self._lifetime_seconds)
        return str(token)

    async def rotate(self, text: str) -> tuple[UserId, str]:
        """Takes a token for the next one. Any but the newest of a family revokes the family.

        Raises RefreshTokenInvalid.
        """
        old = _Token.read(text)
        new = _Token.new(old.family_id)
        async with connected(self._pool) as connection:
            user_id = await connection.fetchval(
                self._sql(ROTATE), old.family_id, old.hash, new.hash, self._lifetime_seconds
            )
            if user_id is None:
                await connection.execute(self._sql(REVOKE), old.family_id)
                raise RefreshTokenInvalid
        return UserId(user_id), str(new)

    async def revoke(self, text: str) -> None:
        """Ends the family of a token, whichever of the family it is; one that is none is left be."""
        try:
            token = _Token.read(text)
        except RefreshTokenInvalid:
            return
        async with connected(self._pool) as connection:
            await connection.execute(self._sql(REVOKE), token.family_id)

    async def revoke_all(self, user_id: UserId) -> None:
        """Ends every family of a user."""
        async with connected(self._pool) as connection:
            await connection.execute(self._sql(REVOKE_ALL), user_id)

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self._schema)
