"""What this process did since it began, counted for those who run it: never who it was about."""

from collections import Counter
from collections.abc import Iterator
from threading import Lock

Labels = tuple[str, ...]


class Counters:
    """Counts by site; implements `engine.ports.Meter`. Safe to share between threads."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._lock = Lock()
        self._counts = Counter[tuple[str, str, Labels]]()

    def received(self, site: str, kind: str, result: str) -> None:
        """Count a message that was recorded."""
        self._count("events", site, kind, result)

    def stepped(self, site: str, pathway: str, transition: str) -> None:
        """Count a step that was added to a history."""
        self._count("transitions", site, pathway, transition)

    def failed(self, site: str, pathway: str, code: str) -> None:
        """Count an evaluation that could not be finished."""
        self._count("rule_errors", site, pathway, code)

    def of(self, name: str, site: str) -> Iterator[tuple[Labels, int]]:
        """Yield the counts of a site under a name, each with its labels."""
        with self._lock:
            found = sorted(self._counts.items())
        for (known, where, labels), count in found:
            if (known, where) == (name, site):
                yield labels, count

    def _count(self, name: str, site: str, *labels: str) -> None:
        with self._lock:
            self._counts[name, site, labels] += 1
