"""The anchor: the date before which worsening no longer counts (spec §5, "Line and anchor")."""

from datetime import date, timedelta

from engine.core.facts import Fact, fact
from engine.core.moment import Moment


def reaction(at: Moment) -> date | None:
    """Return the last entry into an escalate or recurrent state, or None."""
    return max((d for s in ("escalate", "recurrent") if (d := at.entered(s)) is not None), default=None)


def anchor(at: Moment) -> date | None:
    """Return the later of the line's start and the last reaction to worsening; None before either."""
    line_start = at.context("line_start")
    dates = [d for d in (line_start, at.shared(reaction)) if isinstance(d, date)]
    return max(dates, default=None)


def after_anchor(at: Moment, day: date) -> bool:
    """Whether evidence of a day still counts."""
    start = at.shared(anchor)
    return start is None or day > start


def floor(at: Moment, days: list[date]) -> date | None:
    """Return the oldest date a reference may have, given all dates of usable tests; None for no limit.

    After a reaction the baseline of the new line is the last test from shortly before it
    (ER_FVC_DAYS) up to the anchor; otherwise the last test up to the anchor; without one, the anchor.
    """
    start = at.shared(anchor)
    if start is None:
        return None
    entered = at.shared(reaction)
    oldest = date.min if entered is None else entered - timedelta(days=at.days("ER_FVC_DAYS"))
    return max((d for d in days if oldest <= d <= start), default=start)


@fact("anchor", "date", "date before which worsening no longer counts")
def _anchor(at: Moment) -> Fact:
    return Fact(at.shared(anchor))
