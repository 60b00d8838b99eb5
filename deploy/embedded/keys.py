"""What only this Verbatim may know, made at its first start: the key that signs tokens, and the operator's token."""

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


def make_keys(signing: Path, verifying: Path, operator_token: Path) -> None:
    """Makes what is not there: an Ed25519 key in PEM, the public key that belongs to it, and a token."""
    if not signing.exists():
        key = Ed25519PrivateKey.generate()
        _write(signing, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    if not verifying.exists():
        known = load_pem_private_key(signing.read_bytes(), password=None)
        _write(verifying, known.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    if not operator_token.exists():
        _write(operator_token, f"{secrets.token_urlsafe(32)}\n".encode(), 0o600)


def _write(file: Path, content: bytes, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=mode)
    unfinished.write_bytes(content)
    unfinished.rename(file)
