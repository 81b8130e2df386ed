"""Answers to calls that change something, kept so that the same call made again does nothing twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=24)
"""How long an answer is kept; after that its key may be used for something else."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call was answered, under the key its caller chose for it."""

    caller: str
    """The site, and the id of the credential or person; keys of one mean nothing to another, or elsewhere."""
    key: str
    fingerprint: str
    """SHA-256 of what was sent, in hexadecimal; the same key with another one is refused."""
    status: int
    headers: str
    """As canonical JSON."""
    body: str | None
    """None for an answer without one, and for one that held a secret."""
    secret: bool
    """Whether the answer held a secret, which is shown once and never kept."""
    created: datetime
