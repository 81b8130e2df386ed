"""Drug courses: when a drug was active, since when, and at what dose."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from engine.core.events import Medication
from engine.core.series import Series


@dataclass(frozen=True, slots=True)
class Order:
    """One recorded medication event."""

    day: date
    medication: Medication
    event_id: str


@dataclass(frozen=True, slots=True)
class Course:
    """Where a drug stands from the day of an order until the next one."""

    day: date
    started: date | None
    """Start of the current course; None when stopped."""
    given: date | None
    """Newest start or administered dose ever, also of earlier courses."""
    previous: date | None
    """The start or dose before `given`."""
    dose: Decimal | None
    """Current dose; None when unknown or stopped."""
    ends: date | None
    """First day on which a drug that lasts a fixed time is no longer active."""
    event_id: str
    """The order that brought it about."""
    start_event: str | None
    """The order that began the course."""

    def active(self, day: date) -> bool:
        """Whether the drug is active on a day not before this order."""
        return self.started is not None and (self.ends is None or day < self.ends)


NEVER = Course(date.min, None, None, None, None, None, "", None)
"""Where a drug stands before its first order."""


def courses(orders: Iterable[Order], lasts: int | None) -> Series[Course]:
    """Return the course after each day with an order.

    On one day stops come first, so stop and start on the same day is a new course. Orders must come
    sorted by date and stamp; `lasts` as for `after`.
    """
    series: Series[Course] = Series()
    now = NEVER
    for order in sorted(orders, key=lambda o: (o.day, o.medication.op != "stop")):
        now = after(now, order, lasts)
        series.put(order.day, now)
    return series


def after(now: Course, order: Order, lasts: int | None) -> Course:
    """Return where a drug stands after one more order, not older than the last.

    A dose given while inactive starts a course; a change of dose does not. `lasts` is the number of
    days a start or dose keeps the drug active, None for until stopped.
    """
    day, what = order.day, order.medication
    if what.op == "stop":
        return Course(day, None, now.given, now.previous, None, None, order.event_id, None)
    if what.op == "dose":
        return replace(now, day=day, dose=what.dose if now.active(day) else None, event_id=order.event_id)
    running = now.active(day)
    return Course(
        day=day,
        started=now.started if running else day,
        given=day,
        previous=now.given if now.given != day else now.previous,
        dose=what.dose if what.dose is not None else (now.dose if running else None),
        ends=None if lasts is None else day + timedelta(days=lasts),
        event_id=order.event_id,
        start_event=now.start_event if running else order.event_id,
    )
