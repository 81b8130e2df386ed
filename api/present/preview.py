"""A preview of reminders, as programs get it and as a page."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from api.present.page import QUIET, Page, count, sentence
from engine.core.result import View
from engine.services.previewing import Preview

ASSUMES = (
    "Nothing new comes in. For the forecast of reviews, each is done on its due date (an overdue one today) "
    "and falls due again after the interval it has by what is known now."
)


class PlannedView(View):
    """A step that one recipient would be told."""

    at: datetime
    day: date
    """In the site's time zone."""
    patient: str
    pathway: str
    kind: str
    """`review` or `action`."""
    subject: str
    due: date
    """Of a review its due date, of an action the day it opened."""
    step: str
    recipient: str
    """Id of a person, `nobody` or `patient`."""
    urgent: bool


class SendingView(View):
    """A message that would go out, with all that waits until the same time."""

    at: datetime
    day: date
    channel: str
    """What kind it is."""
    recipient: str
    """Id of a person, or `patient`."""
    reminders: int
    urgent: bool


class MonthView(View):
    """How many reviews would fall due in a month."""

    month: str
    total: int
    reviews: dict[str, int]


class PreviewView(View):
    """What would be told and sent if nothing new came in, and how many reviews would fall due."""

    site: str
    begins: datetime
    ends: date
    """The last day, in the site's time zone."""
    patients: int
    """Looked at."""
    reminders: tuple[PlannedView, ...]
    messages: tuple[SendingView, ...]
    reviews_per_month: tuple[MonthView, ...]
    """Up to the end of the month of the last day."""
    assumes: str


def view_of(found: Preview) -> PreviewView:
    """Return a preview as it is shown to programs."""
    zone = ZoneInfo(found.site.time_zone)
    return PreviewView(
        site=found.site.id,
        begins=found.now,
        ends=found.last,
        patients=found.patients,
        reminders=tuple(
            PlannedView(
                at=one.at,
                day=one.at.astimezone(zone).date(),
                patient=one.topic.patient,
                pathway=one.topic.pathway,
                kind=one.topic.kind,
                subject=one.topic.subject,
                due=one.topic.due,
                step=one.step,
                recipient=one.recipient,
                urgent=one.urgent,
            )
            for one in found.planned
        ),
        messages=tuple(
            SendingView(
                at=one.at,
                day=one.at.astimezone(zone).date(),
                channel=one.channel.kind,
                recipient=one.channel.person or "patient",
                reminders=one.reminders,
                urgent=one.urgent,
            )
            for one in found.sending
        ),
        reviews_per_month=tuple(
            MonthView(month=month, total=due.total(), reviews=dict(sorted(due.items())))
            for month, due in found.due.items()
        ),
        assumes=ASSUMES,
    )


def write_preview(page: Page, found: PreviewView, zone: ZoneInfo, names: Mapping[str, str]) -> None:
    """Write a preview as a page, day by day.

    Args:
        page: where to write it.
        found: the preview.
        zone: the site's time zone, in which times are told.
        names: of people, by id.
    """
    page.put(
        f"{count(len(found.reminders), 'reminder')} in {count(len(found.messages), 'message')}, "
        f"about {count(found.patients, 'patient')}, up to {found.ends}, if nothing new comes in."
    )
    told = {day: list(rows) for day, rows in groupby(found.reminders, key=lambda one: one.day)}
    sent = {day: list(rows) for day, rows in groupby(found.messages, key=lambda one: one.day)}
    for day in sorted(told.keys() | sent.keys()):
        planned, sending = told.get(day, []), sent.get(day, [])
        page.heading(f"{day:%a} {day}", count(len(planned), "reminder"))
        page.rows(_reminders(planned, zone, names))
        page.rows(_messages(sending, zone, names), style=QUIET)
    page.heading("Reviews per month", "a forecast")
    page.rows((each.month, _month(each)) for each in found.reviews_per_month)
    page.put(found.assumes, style=QUIET)


def _reminders(
    planned: Iterable[PlannedView], zone: ZoneInfo, names: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    """Yield one row for all that one recipient is told of one patient at once."""
    at_once = groupby(planned, key=lambda one: (one.at, one.patient, one.recipient))
    for (at, patient, recipient), rows in at_once:
        steps = dict[str, list[str]]()
        for one in rows:
            steps.setdefault(one.subject, []).append(one.step)
        told = "; ".join(f"{subject} {', '.join(come)}" for subject, come in steps.items())
        yield f"{at.astimezone(zone):%H:%M}", f"{names.get(recipient, recipient)}: {told} ({patient})"


def _messages(
    sending: Iterable[SendingView], zone: ZoneInfo, names: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    for one in sending:
        says = f"{one.channel} to {names.get(one.recipient, one.recipient)}"
        rest = (says, count(one.reminders, "reminder"), "urgent" if one.urgent else "")
        yield f"{one.at.astimezone(zone):%H:%M}", sentence(rest)


def _month(each: MonthView) -> str:
    return f"{count(each.total, 'review')}: {', '.join(f'{n} {name}' for name, n in each.reviews.items())}"
