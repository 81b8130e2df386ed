"""The anchor: the date before which worsening no longer counts (spec §5, "Line and anchor")."""

from bisect import bisect_right
from datetime import date, timedelta

from engine.core.facts import Fact, fact
from engine.core.moment import Moment


def reaction(at: Moment) -> date | None:
    """Return the last entry into an escalate or recurrent state, or None."""
    escalated, recurred = at.entered("escalate"), at.entered("recurrent")
    if escalated is None or recurred is None:
        return escalated or recurred
    return max(escalated, recurred)


def anchor(at: Moment) -> date | None:
    """Return the later of the line's start and the last reaction to worsening; None before either."""
    reacted, line_start = at.shared(reaction), at.context("line_start")
    if not isinstance(line_start, date):
        return reacted
    return line_start if reacted is None else max(line_start, reacted)


def after_anchor(at: Moment, day: date) -> bool:
    """Whether evidence of a day still counts."""
    start = at.shared(anchor)
    return start is None or day > start


def floor(at: Moment, days: list[date]) -> date | None:
    """Return the oldest date a reference may have, given the sorted dates of usable tests; None for any.

    After a reaction the baseline of the new line is the last test from shortly before it
    (ER_FVC_DAYS) up to the anchor; otherwise the last test up to the anchor; without one, the anchor.
    """
    start = at.shared(anchor)
    if start is None:
        return None
    entered = at.shared(reaction)
    oldest = date.min if entered is None else entered - timedelta(days=at.days("ER_FVC_DAYS"))
    index = bisect_right(days, start)
    return days[index - 1] if index and days[index - 1] >= oldest else start


@fact("anchor", "date", "date before which worsening no longer counts")
def _anchor(at: Moment) -> Fact:
    return Fact(at.shared(anchor))
