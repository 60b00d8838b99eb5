"""Whose token it is: of all that is not signed by us, for us and now, nobody's."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.command.accounts.access_tokens import AccessTokens
from shared.identifiers import UserId, derived_id
from shared.web.authentication import Caller, TokenVerifier, bearer_token
from shared.web.problems import NotAuthenticated

ADA = UserId(derived_id("spec", "ada"))
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
RAW = PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw)
DAY = 86_400
"""The tokens below are made when the tests are collected: no run is so long that one would expire in it."""


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"sub": ADA, "iss": "verbatim", "aud": "verbatim", "iat": now, "exp": now + 2 * DAY}
    return {name: value for name, value in {**usual, **other}.items() if value is not None}


def signed(key: Any = KEY, algorithm: str = "EdDSA", headers: dict[str, Any] | None = None, **other: Any) -> str:
    return jwt.encode(claims(**other), key, algorithm=algorithm, headers=headers)


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed_by_hand_with(secret: bytes) -> str:
    """HS256 over the public key as if it were a secret: PyJWT itself refuses to make it."""
    import hashlib  # noqa: PLC0415  # only here
    import hmac  # noqa: PLC0415  # likewise

    message = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    code = hmac.new(secret, message.encode(), hashlib.sha256).digest()
    return f"{message}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"


def test_a_token_that_the_service_gave_out_is_its_users() -> None:
    token = AccessTokens(KEY, 900).token_for(ADA)
    verifier = TokenVerifier(PUBLIC)
    assert [verifier.caller_of(token), verifier.caller_of(token)] == [Caller(ADA), Caller(ADA)]


def test_a_token_of_an_agent_says_so() -> None:
    token = AccessTokens(KEY, 900).token_for(ADA, is_agent=True)
    assert TokenVerifier(PUBLIC).caller_of(token) == Caller(ADA, is_agent=True)


@pytest.mark.parametrize("claim", [False, "true", 1, {}, None])
def test_whatever_else_a_token_says_makes_nobody_an_agent(claim: Any) -> None:
    assert TokenVerifier(PUBLIC).caller_of(signed(agent=claim)) == Caller(ADA)


BAD = {
    "no algorithm": f"{part({'alg': 'none'})}.{part(claims())}.",
    "no algorithm, signed": f"{part({'alg': 'none'})}.{signed().split('.', 1)[1]}",
    "HS256 with our PEM": signed_by_hand_with(PEM),
    "HS256 with our raw key": signed_by_hand_with(RAW),
    "another key": signed(Ed25519PrivateKey.generate()),
    "another key, named by the token": signed(Ed25519PrivateKey.generate(), headers={"kid": "../../dev/null"}),
    "expired": signed(exp=int(time.time()) - 1),
    "not yet": signed(nbf=int(time.time()) + DAY),
    "issued in the future": signed(iat=int(time.time()) + DAY),
    "without an end": signed(exp=None),
    "without a subject": signed(sub=None),
    "without an audience": signed(aud=None),
    "of another audience": signed(aud="other"),
    "of another issuer": signed(iss="other"),
    "with a number as its subject": signed(Ed25519PrivateKey.generate(), sub="7"),
    "cut": signed()[:-4],
    "altered": ".".join([signed().split(".")[0], part(claims(sub=derived_id("spec", "eve"))), signed().split(".")[2]]),
    "huge": signed(more="x" * 3_000),
    "empty": "",
    "no token": "abc",
    "not ASCII": "ä.ö.ü",
}


@pytest.mark.parametrize("why", BAD)
def test_another_token_is_nobodys(why: str) -> None:
    with pytest.raises(NotAuthenticated):
        TokenVerifier(PUBLIC).caller_of(BAD[why])


def test_a_remembered_token_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = AccessTokens(KEY, 900).token_for(ADA)
    verifier = TokenVerifier(PUBLIC)
    verifier.caller_of(token)
    later = time.time() + 901
    monkeypatch.setattr("shared.web.authentication.time.time", lambda: later)
    with pytest.raises(NotAuthenticated):
        verifier.caller_of(token)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_another_header_holds_no_token(header: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        bearer_token(header)
