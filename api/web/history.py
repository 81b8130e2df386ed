"""What happened to a patient, in words, newest first, and what can be put right of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from api.web import words
from api.web.fields import KINDS
from engine.core.checks import needs_clinician
from engine.core.evaluate import Evaluation
from engine.core.events import Correct, Event, Record, Retract, Verify
from engine.core.mentions import mention
from engine.core.names import Names, shown, unit_text
from engine.core.timeline import TimelineEntry, timeline

STANDINGS = {
    "stands": "",
    "corrected": "corrected since",
    "retracted": "withdrawn since",
    "quarantined": "waits to be verified",
}
STANDING = ("stands", "quarantined")
"""How the newest version of an event stands that was not withdrawn."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to put an event right."""

    kind: str
    """Of the form by which it is done."""
    title: str
    look: str
    """Of its button."""


CONFIRM = Way("verify", "Confirm", "primary")
CORRECT = Way("correct", "Correct", "secondary")
WITHDRAW = Way("retract", "Withdraw", "secondary outline")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event or a step."""

    day: str
    says: str
    kind: str
    """Type of the event, or `step`."""
    recorded: str
    """When we learned of it; nothing for a step."""
    late: bool
    """Whether that was on a later day."""
    source: str
    remark: str
    event: str
    """Its id; nothing for a step."""
    ways: tuple[Way, ...] = ()
    """How it can be put right."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that waits to be verified."""

    event: str
    day: str
    says: str
    source: str
    ways: tuple[Way, ...] = (CONFIRM, CORRECT, WITHDRAW)


def happenings(
    record: Record, evaluation: Evaluation, zone: tzinfo, *, decides: bool
) -> tuple[Happening, ...]:
    """Return everything that happened up to the date of an evaluation, newest first.

    Args:
        record: as the pathway sees it.
        evaluation: of this record.
        zone: in which the site tells the time.
        decides: whether who looks may decide about patients.
    """
    names = Names(evaluation.pathway)
    return tuple(
        _told(entry, record, names, zone, decides=decides) for entry in reversed(timeline(record, evaluation))
    )


def named(event: Event, names: Names) -> str:
    """Return what an event says and of which day it is, by which amendments of it are told."""
    body = event.body.body if isinstance(event.body, Correct) else event.body
    return f"{mention(body, names)} of {words.day(event.effective)}"


def _amended(event: Event, record: Record, names: Names) -> str:
    target = record.find(event.body.target) if isinstance(event.body, Correct | Retract | Verify) else None
    return "" if target is None else named(target, names)


def ways(event: Event, record: Record, *, doubtful: bool, decides: bool) -> Iterator[Way]:
    """Yield how the newest version of an event can be put right, by somebody who records."""
    root = record.root(event.id)
    if root is None or isinstance(root.body, Retract | Verify):
        return
    if doubtful:
        yield CONFIRM
    body = event.body.body if isinstance(event.body, Correct) else event.body
    if root.type in KINDS and (decides or not needs_clinician(body)):
        yield CORRECT
    yield WITHDRAW


def _told(entry: TimelineEntry, record: Record, names: Names, zone: tzinfo, *, decides: bool) -> Happening:
    if entry.event is None or entry.recorded is None:
        says = f"{entry.transition}: came to {entry.to_title}"
        return Happening(words.day(entry.date), says, "step", "", late=False, source="", remark="", event="")
    found = record.find(entry.event["id"])
    assert found is not None
    how = entry.standing or "stands"
    can = ways(found, record, doubtful=how == "quarantined", decides=decides) if how in STANDING else ()
    return Happening(
        words.day(entry.date),
        mention(found.body, names, _amended(found, record, names)),
        found.type,
        words.moment(entry.recorded, zone),
        entry.recorded.astimezone(zone).date() > entry.date,
        found.source,
        STANDINGS[how],
        found.id,
        tuple(can),
    )


def doubtful(evaluation: Evaluation) -> tuple[Doubtful, ...]:
    """Return the values that wait to be verified on the date of an evaluation, oldest first."""
    return tuple(_doubtful(evaluation))


def _doubtful(evaluation: Evaluation) -> Iterable[Doubtful]:
    chart = evaluation.fold.chart
    for (name, day), waiting in sorted(chart.quarantined.items(), key=lambda row: (row[0][1], row[0][0])):
        item = chart.vocabulary.items[name]
        for reading in waiting if day <= evaluation.as_of else ():
            unit = f" {unit_text(item.unit)}" if item.unit else ""
            says = f"{item.title} {shown(reading.value)}{unit}"
            yield Doubtful(reading.event_id, words.day(day), says, reading.source)
