"""Passwords, kept as Argon2id with the parameters RFC 9106 recommends where memory is scarce."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$8RuAWzrXLmzoGIVN6UDkQg$q3lhOPXwzzE4s9DzFZU6mixpzxwCfIRQeacM7y8Wob4"
"""What would be kept of a password nobody has: checking against it takes as long as against any other."""


class Argon2Passwords:
    """Hashes and checks passwords; each takes about a tenth of a second and 64 MiB, on purpose."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

    def hashed(self, password: str) -> str:
        """Return what is kept of a password, with a salt of its own."""
        return self._hasher.hash(password)

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of which `kept` is kept; takes as long when nothing is kept."""
        try:
            self._hasher.verify(kept or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None
