"""Chance, drawn here and nowhere else; a demonstration takes a seeded one instead."""

import secrets


class SystemRandomness:
    """The random numbers of this machine; nobody can guess them."""

    def draw(self, size: int) -> bytes:
        """Return `size` random bytes."""
        return secrets.token_bytes(size)
