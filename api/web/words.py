"""How pages say dates, numbers of things, the codes of worklists, and what was wrong."""

import re
from datetime import date, datetime, tzinfo

FIELD = re.compile(r"`(\w+)`(?: \(([^)]+)\))?")
"""A field of a message, perhaps with its title."""
CALLED = {
    "effective": "the date it was true",
    "until": "the day it is put off to",
    "obs": "the form",
    "value": "a value",
    "absent": "that it could not be done",
}
"""What pages call fields of messages that say little by themselves."""


def day(on: date | None) -> str:
    """Return a date as people write it; nothing for none."""
    return "" if on is None else f"{on.day} {on:%b %Y}"


def moment(at: datetime, zone: tzinfo) -> str:
    """Return an instant as the clock on the wall of the site said."""
    return f"{day_of(at, zone)}, {at.astimezone(zone):%H:%M}"


def day_of(at: datetime, zone: tzinfo) -> str:
    """Return the day on which something was, as the calendar on the wall of the site said."""
    return day(at.astimezone(zone).date())


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plainly(code: str) -> str:
    """Return a code in words."""
    return code.replace("_", " ").replace("-", " ")


def brief(title: str) -> str:
    """Return a title without its remark in brackets."""
    return title.partition(" (")[0]


def spoken(text: str) -> str:
    """Return a sentence about fields of a message for somebody who sees a form."""
    return first_upper(FIELD.sub(lambda found: found[2] or CALLED.get(found[1]) or plainly(found[1]), text))


def first_upper(text: str) -> str:
    """Return a text that begins a line."""
    return text[:1].upper() + text[1:]


def due(on: date | None, today: date) -> str:
    """Return when something is due, seen from today."""
    if on is None:
        return ""
    days = (today - on).days
    if days > 0:
        return f"{count(days, 'day')} overdue"
    return {0: "due today", -1: "due tomorrow"}.get(days, f"due {day(on)}")
