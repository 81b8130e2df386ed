"""Opaque ids: UUIDs of version 7, in order of time, from an instant and random bytes given as arguments."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

RANDOM_BYTES = 10
"""How many random bytes an id takes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(instant: datetime, randomness: bytes) -> str:
    """Return a UUID of version 7 (RFC 9562) as lower-case text.

    Args:
        instant: aware, from 1970 on; its millisecond leads the id.
        randomness: exactly `RANDOM_BYTES` bytes, from a source nobody can guess.
    """
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, not {len(randomness)}")
    milliseconds = (instant - _EPOCH) // timedelta(milliseconds=1)
    chance = int.from_bytes(randomness)
    head, tail = chance >> 68, chance & (1 << 62) - 1
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | head << 64 | 0b10 << 62 | tail))
