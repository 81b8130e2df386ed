"""The clock that queues the work: what Careway does by itself, each thing every so many seconds.

Nothing about the work is stored: after a stop what is due is found in the database. All that is kept is when
each job last came on. The scheduler's library takes half a second to import, so it is imported here, by
the command that serves.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from threading import Event
from time import monotonic
from traceback import extract_tb

from api.clock import SystemClock
from engine.errors import CarewayError
from engine.services.ticks import Beat

LOG = logging.getLogger("careway.jobs")

NOTED_EVERY = 30
"""Seconds between two ticks of a job that are kept, at least: each is a commit."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again."""

    name: str
    seconds: int
    """From one beginning to the next; one that takes longer is not begun twice."""
    do: Callable[[Beat], object]
    """Does it once; what takes long beats meanwhile."""

    def run(self, beat: Beat) -> None:
        """Do it once; whatever goes wrong is logged without values, and tried again next time."""
        try:
            self.do(beat)
            beat()
        except Exception as error:
            tell_failure(self.name, error)


def tell_failure(job: str, error: Exception) -> None:
    """Log that a job failed: its name, the code of the error, and where it was."""
    code = error.code if isinstance(error, CarewayError) else type(error).__name__
    where = extract_tb(error.__traceback__)[-1]
    LOG.error(json.dumps({"event": "job", "job": job, "failed": code, "at": where.name}))


class Pulse:
    """The beats of one job, of which one is noted now and then; what cannot be noted stops nobody."""

    def __init__(self, note: Callable[[], object], job: str, ending: Event) -> None:
        """Begin with a beat that will be noted; `ending` is set when this process is to end."""
        self.note, self.job, self.ending = note, job, ending
        self.noted: float | None = None

    def __call__(self) -> bool:
        """Beat once, and return whether to end; safe within a job, which is never done twice at a time."""
        now = monotonic()
        if self.noted is None or now - self.noted >= NOTED_EVERY:
            self.noted = now
            try:
                self.note()
            except Exception as error:
                tell_failure(self.job, error)
        return self.ending.is_set()


@contextmanager
def ticking(jobs: Iterable[Job], note: Callable[[str], object]) -> Iterator[None]:
    """Have jobs done in the background; when this ends, so have those under way, which are told to.

    Args:
        jobs: what is to be done.
        note: keeps that the job of a name has come on.
    """
    from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

    scheduler, ending = BackgroundScheduler(timezone=UTC), Event()
    for job in jobs:
        scheduler.add_job(
            job.run,
            "interval",
            args=[Pulse(partial(note, job.name), job.name, ending)],
            seconds=job.seconds,
            id=job.name,
            next_run_time=SystemClock().now(),  # what fell due while nobody looked does not wait longer
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        ending.set()
        scheduler.shutdown(wait=True)
