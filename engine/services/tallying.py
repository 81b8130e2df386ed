"""Tallying: every open review has one live next step or was told of to the end, and nothing is told twice."""

from datetime import timedelta

from engine.core.reminders import Tally
from engine.ports import Clock, UnitOfWork
from engine.services.patients import time_zone

PATIENCE = timedelta(minutes=5)
"""How long an urgent step or a message may wait before it is late; somebody looks every minute."""

RECENT = timedelta(days=7)
"""How far back it is looked whether what was told was put on its way."""


def tally(uow: UnitOfWork, site: str, clock: Clock) -> Tally:
    """Return how the reminders of a site stand now, by what is kept; a dozen queries."""
    day, now = clock.today(time_zone(uow, site)), clock.now()
    return uow.reminders.tally(site, day, now - PATIENCE, now - RECENT)
