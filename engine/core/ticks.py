"""Ticks: when each job that Careway does by itself last came on. One that no longer does is *stale*."""

from collections.abc import Mapping
from datetime import datetime, timedelta

MISSED = 3
"""Intervals that may pass without a tick."""

LEAST = timedelta(minutes=2)
"""How long any job may go without one: a receiver that hangs holds up what delivers for half a minute."""


def patience(seconds: int) -> timedelta:
    """Return for how long a job that is done every so many seconds may go without a tick."""
    return max(MISSED * timedelta(seconds=seconds), LEAST)


def stale(
    every: Mapping[str, int],
    ticks: Mapping[str, datetime],
    now: datetime,
    begun: datetime | None = None,
) -> dict[str, datetime]:
    """Return the jobs that no longer come on, each with the instant since when, by name.

    Args:
        every: seconds from one beginning to the next, by job; others are not judged.
        ticks: the newest tick of each job that has one.
        now: the present instant.
        begun: from when on ticks are expected, whatever was before; None leaves out who never had one.
    """
    since = dict[str, datetime]()
    for job, seconds in sorted(every.items()):
        known = [at for at in (ticks.get(job), begun) if at is not None]
        if known and now - max(known) > patience(seconds):
            since[job] = max(known)
    return since


def to_come(every: Mapping[str, int], ticks: Mapping[str, datetime], begun: datetime) -> list[str]:
    """Return the jobs that did not come on yet since an instant, by name.

    Args:
        every: the jobs, as for `stale`.
        ticks: the newest tick of each job that has one.
        begun: the instant; a tick at it counts.
    """
    return [job for job in sorted(every) if job not in ticks or ticks[job] < begun]
