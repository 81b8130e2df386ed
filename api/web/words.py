"""How pages say dates, numbers of things, and the codes of worklists."""

from datetime import date, datetime, tzinfo


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
