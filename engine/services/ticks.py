"""Ticks kept: every process notes for all others which of its jobs come on."""

from collections.abc import Callable
from datetime import datetime

from engine.ports import UnitOfWork

PREFIX = "tick/"
"""What the setting of a job's newest tick begins with; the job's name follows."""

Beat = Callable[[], bool]
"""What a job calls whenever it has come on, between two transactions; returns whether this process is ending,
for what takes long can be left to the next one."""


def unheard() -> bool:
    """Note nothing, and go on to the end: the beat of what is done once, by nobody who does it again."""
    return False


def note_tick(uow: UnitOfWork, job: str, now: datetime) -> None:
    """Keep that a job has come on."""
    uow.settings.put(PREFIX + job, now.isoformat())


def ticks(uow: UnitOfWork) -> dict[str, datetime]:
    """Return the newest tick of each job that ever had one, in UTC."""
    kept = uow.settings.beginning(PREFIX)
    return {key.removeprefix(PREFIX): datetime.fromisoformat(value) for key, value in kept.items()}
