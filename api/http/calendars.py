"""Calendar feeds as iCalendar (RFC 5545): all-day events that say that something is due and where to look."""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar as Document
from icalendar import Event

from engine.core.channels import Calendar
from engine.services.calendars import Entry

REFRESH = timedelta(hours=1)
SUMMARY = "Careway: a review is due"


def written(calendar: Calendar, entries: Iterable[Entry], link: str) -> bytes:
    """Return a feed as it is sent; the same days give the same bytes."""
    document = Document()
    document.add("prodid", "-//Careway//Reviews//EN")
    document.add("version", "2.0")
    document.add("method", "PUBLISH")
    document.add("x-wr-calname", "Careway")
    document.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", calendar.created.replace(microsecond=0))
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("summary", SUMMARY)
        event.add("url", link)
        event.add("transp", "TRANSPARENT")
        document.add_component(event)
    return bytes(document.to_ical())
