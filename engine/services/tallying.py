"""Tallying: every open review has one live next step or was told of to the end, and nothing is told twice."""

from datetime import timedelta

from engine.core.reminders import Tally
from engine.ports import Clock, UnitOfWork
from engine.services.patients import time_zone

PATIENCE = timedelta(minutes=5)
"""How long an urgent step may wait before it is late; those who look for it do so every minute."""


def tally(uow: UnitOfWork, site: str, clock: Clock) -> Tally:
    """Return how the reminders of a site stand now, by what is kept; seven queries."""
    day = clock.today(time_zone(uow, site))
    return uow.reminders.tally(site, day, clock.now() - PATIENCE)
