"""What is worked out at most once a minute, however often it is asked for."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from engine.ports import Clock

T = TypeVar("T")

A_MINUTE = timedelta(minutes=1)


class Lately(Generic[T]):
    """Answers of the last minute, in this process."""

    def __init__(self, clock: Clock) -> None:
        """Hold nothing yet; the clock says when a minute is over."""
        self._clock = clock
        self._held: dict[Hashable, tuple[datetime, T]] = {}
        self._lock = Lock()

    def of(self, about: Hashable, work: Callable[[], T]) -> T:
        """Return what was worked out about something within the last minute, or work it out now.

        Who asks meanwhile waits for that answer, instead of working it out as well.
        """
        with self._lock:
            now = self._clock.now()
            if about in self._held:
                at, answer = self._held[about]
                if at <= now < at + A_MINUTE:
                    return answer
            answer = work()
            self._held[about] = now, answer
            return answer
