"""The key with which this installation signs: an Ed25519 key in a file of its own, outside the database.

Whoever can change the database must not be able to sign what it says then. Signatures are JSON Web
Signatures. The library takes as long to import as the store, so it is imported here, when a key is needed.
"""

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from api.errors import KeyPlaceMissing, KeyUnusable
from api.settings import KEY, Settings
from api.storage import file_of

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
CURVE: Literal["Ed25519"] = "Ed25519"
DERIVED = 32
"""Bytes of a secret derived from the key."""
OTHERS = 0o077
"""Bits of a file's mode that let others than its owner at it."""


class PublicKey:
    """A key that tells whether a signature was made by whoever holds its other half."""

    def __init__(self, key: "OKPKey") -> None:
        """Hold a key of the library."""
        self._key = key

    @property
    def fingerprint(self) -> str:
        """What the key is recognised by: its thumbprint (RFC 7638)."""
        return str(self._key.thumbprint())

    @property
    def shown(self) -> dict[str, str]:
        """The public half as a JSON Web Key."""
        return {str(name): str(value) for name, value in self._key.as_dict(private=False).items()}

    def genuine(self, text: str, signature: str) -> bool:
        """Whether a signature was made for this text with this key."""
        from joserfc import jws
        from joserfc.errors import JoseError

        if not all(map(_exact, signature.split("."))):
            return False
        try:
            found = jws.deserialize_compact(signature, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return False
        return bool(found.payload == text.encode())


class SigningKey(PublicKey):
    """A key that signs."""

    def sign(self, text: str) -> str:
        """Return a signature of a text."""
        from joserfc import jws

        header = {"alg": ALGORITHM, "kid": self.fingerprint}
        return jws.serialize_compact(header, text, self._key, algorithms=[ALGORITHM])

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for a purpose (HKDF, RFC 5869), from which neither the key nor others follow."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        private = urlsafe_b64decode(str(self._key.as_dict(private=True)["d"]) + "=")
        return HKDF(SHA256(), DERIVED, salt=None, info=purpose.encode()).derive(private)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Several keys, any of which will do."""

    keys: tuple[PublicKey, ...]

    def genuine(self, text: str, signature: str) -> bool:
        """Whether a signature was made for this text with one of the keys."""
        return any(key.genuine(text, signature) for key in self.keys)


def key_file(settings: Settings) -> Path:
    """Return where the signing key is kept: where the settings say, or beside the SQLite file.

    Raises:
        KeyPlaceMissing: the database is on a server, and the settings say nothing.
    """
    if settings.key:
        return Path(settings.key)
    beside = file_of(settings)
    if beside is None:
        raise KeyPlaceMissing(
            f"A database on a server has no place for the signing key: set {KEY} in the environment to a "
            "file, the same key on every machine that serves this database. It is made if it is not there."
        )
    return beside.with_name(f"{beside.name}.key")


def signing_key(settings: Settings) -> SigningKey:
    """Return the signing key, made on first use.

    Raises:
        KeyUnusable: there is no place for it, it cannot be read or made, or others may read it.
    """
    file = key_file(settings)
    if not file.exists():
        _make(file)
    found = read_key(file)
    if not isinstance(found, SigningKey):
        raise KeyUnusable(f"{str(file)!r} holds a public key; the private one is needed to sign.")
    if file.stat().st_mode & OTHERS:
        raise KeyUnusable(f"Others can reach the signing key {str(file)!r}. Run `chmod 600` on it.")
    return found


def read_key(file: Path) -> PublicKey:
    """Return the key of a file, PEM or a JSON Web Key; a private one can sign.

    Raises:
        KeyUnusable: it cannot be read, or is no such key.
    """
    try:
        text = file.read_text(encoding="ascii")
        return key_of(json.loads(text) if text.lstrip().startswith("{") else text)
    except OSError as error:
        raise KeyUnusable(f"The key {str(file)!r} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        raise KeyUnusable(
            f"{str(file)!r} holds no key we know. An {CURVE} key is needed, as PEM or as a JSON Web Key."
        ) from None


def key_of(written: str | Mapping[str, str]) -> PublicKey:
    """Return a key from its PEM text or JSON Web Key; raises ValueError for anything else."""
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        key = OKPKey.import_key(written if isinstance(written, str) else dict(written))
        curve = key.as_dict(private=False).get("crv")
    except (JoseError, TypeError, AttributeError, KeyError) as error:
        raise ValueError("no key") from error
    if curve != CURVE:
        raise ValueError("another curve")
    return SigningKey(key) if key.is_private else PublicKey(key)


def _make(file: Path) -> None:
    """Write a new key that only its owner can read; one that somebody made meanwhile stays."""
    from joserfc.jwk import OKPKey

    beside = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "wb") as out:
            out.write(OKPKey.generate_key(CURVE).as_pem(private=True))
            out.flush()
            os.fsync(out.fileno())
        try:
            with suppress(FileExistsError):
                file.hardlink_to(beside)
        finally:
            beside.unlink()
    except OSError as error:
        raise KeyUnusable(
            f"The signing key {str(file)!r} cannot be made: {error.strerror or error}."
        ) from None


def _exact(part: str) -> bool:
    """Whether a part of a signature is written in the one way in which we write it."""
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return False
    return urlsafe_b64encode(content).rstrip(b"=").decode() == part
