"""What happened to a patient, in words, newest first, and what can be put right of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from api.web import words
from engine.core.evaluate import Evaluation
from engine.core.events import Record
from engine.core.mentions import mention
from engine.core.names import Names, shown, unit_text
from engine.core.timeline import TimelineEntry, timeline

STANDINGS = {
    "stands": "",
    "corrected": "corrected since",
    "retracted": "withdrawn since",
    "quarantined": "waits to be verified",
}
AMENDMENTS = ("correct", "retract", "verify")


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
    """Id of an event that can be put right; nothing for anything else."""
    doubtful: bool = False
    """Whether it waits to be verified."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that waits to be verified."""

    event: str
    day: str
    says: str
    source: str


def happenings(record: Record, evaluation: Evaluation, zone: tzinfo) -> tuple[Happening, ...]:
    """Return everything that happened up to the date of an evaluation, newest first.

    Args:
        record: as the pathway sees it.
        evaluation: of this record.
        zone: in which the site tells the time.
    """
    names = Names(evaluation.pathway)
    return tuple(_told(entry, record, names, zone) for entry in reversed(timeline(record, evaluation)))


def _told(entry: TimelineEntry, record: Record, names: Names, zone: tzinfo) -> Happening:
    if entry.event is None or entry.recorded is None:
        says = f"{entry.transition}: came to {entry.to_title}"
        return Happening(words.day(entry.date), says, "step", "", late=False, source="", remark="", event="")
    found = record.find(entry.event["id"])
    assert found is not None
    amends = found.type in AMENDMENTS
    return Happening(
        words.day(entry.date),
        mention(found.body, names),
        found.type,
        words.moment(entry.recorded, zone),
        entry.recorded.astimezone(zone).date() > entry.date,
        found.source,
        STANDINGS[entry.standing or "stands"],
        "" if amends or entry.standing in ("corrected", "retracted") else found.id,
        entry.standing == "quarantined",
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
