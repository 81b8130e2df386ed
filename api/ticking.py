"""The clock that queues the work: what Careway does by itself, each thing every so many seconds.

Nothing about it is stored: after a stop the work that is due is found in the database. The scheduler's
library takes half a second to import, so it is imported here, by the command that serves.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from traceback import extract_tb

from engine.errors import CarewayError

LOG = logging.getLogger("careway.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again."""

    name: str
    seconds: int
    """From one beginning to the next; one that takes longer is not begun twice."""
    do: Callable[[], object]

    def run(self) -> None:
        """Do it once; whatever goes wrong is logged without values, and tried again next time."""
        try:
            self.do()
        except Exception as error:
            code = error.code if isinstance(error, CarewayError) else type(error).__name__
            where = extract_tb(error.__traceback__)[-1]
            LOG.error(json.dumps({"event": "job", "job": self.name, "failed": code, "at": where.name}))


@contextmanager
def ticking(jobs: Iterable[Job]) -> Iterator[None]:
    """Have jobs done in the background; when this ends, so have those under way."""
    from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

    scheduler = BackgroundScheduler(timezone=UTC)
    for job in jobs:
        scheduler.add_job(
            job.run,
            "interval",
            seconds=job.seconds,
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
