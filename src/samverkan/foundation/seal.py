"""Encryption of what lies in files: one key under the data folder, outside the database.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; HMAC-SHA256 for names that must not be
guessed from content. Both keys are derived (HKDF, RFC 5869) from one secret in a file that only the
owner reads. What must be known as written here is signed with a third key from the same secret. The interface is the one a key process will have; nothing else touches the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from . import whole

_HEADER = b"SEAL1"
_SHORTEST = len(_HEADER) + 12 + 16  # header, nonce, tag


class SealBroken(Exception):
    """What is read was not written by this installation, or was changed since."""


class KeyProblem(Exception):
    """The key is missing, readable by others or of the wrong length."""


def key_path() -> Path:
    """Where the secret lies."""
    return Path(settings.DATA) / "keys" / "seal.key"


def encrypt(content: bytes, *, context: bytes = b"") -> bytes:
    """Header, nonce and ciphertext. ``context`` must be given again to decrypt; it is not stored."""
    nonce = os.urandom(12)
    return _HEADER + nonce + AESGCM(_keys(str(key_path()))[0]).encrypt(nonce, content, _HEADER + context)


def decrypt(sealed: bytes, *, context: bytes = b"") -> bytes:
    """What was encrypted. Raises SealBroken."""
    if sealed[: len(_HEADER)] != _HEADER or len(sealed) < _SHORTEST:
        raise SealBroken("The content is not sealed by this program.")
    nonce, rest = sealed[5:17], sealed[17:]
    try:
        return AESGCM(_keys(str(key_path()))[0]).decrypt(nonce, rest, _HEADER + context)
    except InvalidTag as error:
        raise SealBroken("The content was changed, or sealed with another key.") from error


def mac(content: bytes) -> bytes:
    """32 bytes that only this installation can compute from the content."""
    return hmac.new(_keys(str(key_path()))[1], content, hashlib.sha256).digest()


def sign(content: bytes) -> bytes:
    """64 bytes (Ed25519, RFC 8032) that only this installation can make and :func:`is_signed` knows."""
    return _signer(str(key_path())).sign(content)


def is_signed(content: bytes, signature: bytes) -> bool:
    """Whether this installation signed just that content."""
    try:
        _signer(str(key_path())).public_key().verify(signature, content)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=8)
def _signer(path: str) -> Ed25519PrivateKey:
    secret = _secret(Path(path))
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"samverkan sign 1").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(derived)


@lru_cache(maxsize=8)
def _keys(path: str) -> tuple[bytes, bytes]:
    secret = _secret(Path(path))
    derived = HKDF(algorithm=hashes.SHA256(), length=64, salt=None, info=b"samverkan seal 1").derive(secret)
    return derived[:32], derived[32:]


def _secret(path: Path) -> bytes:
    if not path.exists():
        _create(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyProblem(f"{path} can be read by others. Make it readable by its owner only (chmod 600).")
    secret = path.read_bytes()
    if len(secret) != 32:
        raise KeyProblem(f"{path} is {len(secret)} bytes and should be 32. Restore it from a backup.")
    return secret


def _create(path: Path) -> None:
    """Make the key once. Where sealed files already lie, a new key would only hide the loss."""
    for sealed in (Path(settings.MEDIA_ROOT), Path(settings.DATA) / "seals" / "head"):
        if sealed.is_file() or (sealed.is_dir() and any(sealed.iterdir())):
            raise KeyProblem(f"{path} is missing, though {sealed} was sealed with it. Restore it from a backup.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole.write(path, os.urandom(32), once=True)  # where another process was first its key holds
