"""What issuers publish about themselves, kept for an hour so that a call seldom waits for them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from api.errors import ProviderUnavailable
from api.issuers.fetching import json_at
from engine.ports import Clock

T = TypeVar("T")

KEPT = timedelta(hours=1)
"""How long what was fetched is believed: a key that was taken back is refused after that."""
AGAIN = timedelta(minutes=1)
"""What lacks something is fetched again at most so often, whoever asks for it."""
RECOVERY = timedelta(seconds=10)
"""After a failure nothing is asked for so long, so that calls do not queue up behind it."""
MOST = 256
"""Addresses of which something is kept; the oldest makes room."""


@dataclass
class _Kept(Generic[T]):
    """What is known of one address."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: T | None = None
    fetched: datetime | None = None
    tried: datetime | None = None
    failed: bool = False

    def fresh(self, now: datetime) -> T | None:
        """Return what was fetched if it is not too old."""
        return None if self.fetched is None or now - self.fetched >= KEPT else self.value

    def due(self, now: datetime) -> bool:
        """Whether it may be asked for again."""
        if self.tried is None:
            return True
        return now - self.tried >= (RECOVERY if self.failed else AGAIN)


class Documents(Generic[T]):
    """Documents by address, each fetched when it is needed and kept for a while."""

    def __init__(self, clock: Clock, read: Callable[[Any], T]) -> None:
        """Keep what `read` makes of a document; it raises ValueError for one that cannot be used."""
        self._clock = clock
        self._read = read
        self._kept: dict[str, _Kept[T]] = {}

    async def at(self, url: str, wanted: Callable[[T], bool] = lambda found: True) -> T:
        """Return what a document says; fetched again, though not too often, when it lacks what is wanted.

        It may lack it all the same.

        Raises:
            ProviderUnavailable: it cannot be had.
        """
        kept = self._of(url)
        found = kept.fresh(self._clock.now())
        if found is not None and wanted(found):
            return found
        async with kept.lock:
            now = self._clock.now()
            found = kept.fresh(now)
            if (found is None or not wanted(found)) and kept.due(now):
                found = await self._fetched(url, kept, now)
            if found is None:
                raise ProviderUnavailable(
                    "An issuer could not be reached a moment ago. Try again in a moment."
                )
            return found

    async def _fetched(self, url: str, kept: _Kept[T], now: datetime) -> T:
        kept.tried, kept.failed = now, True
        status, document = await json_at(url)
        try:
            if status != 200:
                raise ValueError("no document")
            found = self._read(document)
        except ValueError:
            raise ProviderUnavailable("An issuer publishes something that cannot be used.") from None
        kept.value, kept.fetched, kept.failed = found, now, False
        return found

    def _of(self, url: str) -> _Kept[T]:
        if url not in self._kept and len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        return self._kept.setdefault(url, _Kept())
