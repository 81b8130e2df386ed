"""Secrets: drawn from chance, shown to their owner, and kept by nobody but as a hash."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from engine.ports import Randomness

SECRET_BYTES = 32


def drawn(randomness: Randomness) -> str:
    """Return a new secret, safe in URLs and cookies."""
    return urlsafe_b64encode(randomness.draw(SECRET_BYTES)).decode().rstrip("=")


def hashed(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, in hexadecimal.

    A secret of 32 random bytes cannot be guessed from it, so it needs no salt and no slow hash.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
