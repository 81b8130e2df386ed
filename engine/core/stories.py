"""Stories: a patient's messages in order of receipt, with what is expected after each.

The same reader and runner serve the pathway's own stories, `careway pathway test` on any file, and
`careway evaluate`. Running a story is ingest and `evaluate`; nothing is decided here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import Field, model_validator

from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Record, Stamp
from engine.core.ingest import EARLIEST_EFFECTIVE, Door
from engine.core.pathway import Pathway
from engine.core.values import Frozen, Number, iso_date, plain
from engine.errors import EventIdReused, MessageRefused, Problem

CHECK = "check"
"""A story entry without a message: only evaluate on that date."""
RECEIVED_AT = time(12, tzinfo=UTC)
"""Stories give a date of receipt; this is the hour assumed."""


EARLIEST, LATEST = EARLIEST_EFFECTIVE, date(2199, 12, 31)
"""Days of receipt a story may use, and days it may be asked about; later ones leave no days to count."""


def day(value: Any) -> date:
    """Return a date from `YYYY-MM-DD` text; raises ValueError for anything else, and for far-off years."""
    found = iso_date(value)
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"{found} lies outside the years {EARLIEST.year} to {LATEST.year}")
    return found


class Expectation(Frozen):
    """Output expected as of the day of receipt. Absent parts are not compared."""

    ingest: str | None = None
    now: dict[str, str | int | None] | None = None
    history: tuple[str, ...] | None = None
    actions: dict[str, str] | None = None
    reviews: dict[str, str] | None = None
    ladder: dict[str, str] | None = None


class StoryEntry(Frozen):
    """One message, or a check, and what is expected after it."""

    message: dict[str, Any] = Field(alias="in")
    expect: Expectation = Expectation()
    why: str = ""

    @model_validator(mode="after")
    def _dated(self) -> "StoryEntry":
        try:
            day(self.message.get("recorded"))
        except ValueError as error:
            raise ValueError(f"`recorded`, the day of receipt: {error}") from error
        return self

    @property
    def received(self) -> date:
        """The day of receipt."""
        return iso_date(self.message.get("recorded"))

    @property
    def is_check(self) -> bool:
        """Whether there is no message to take in."""
        return self.message.get("type") == CHECK


class Story(Frozen):
    """One patient's story."""

    id: str
    title: str
    covers: str = ""
    params: dict[str, bool | Number] = {}
    events: tuple[StoryEntry, ...] = Field(min_length=1)


class Stories(Frozen):
    """A file of stories."""

    format: int
    pathway: str
    pathway_version: str | int
    vignettes: tuple[Story, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that came out differently from what the story expects."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened at one entry of a story."""

    entry: StoryEntry
    ingest: str | None
    """accepted, duplicate, quarantined, rejected_409, rejected_422; None for a check."""
    problems: tuple[Problem, ...]
    """Why a message was refused; empty otherwise."""
    record: Record
    evaluation: Evaluation
    mismatches: tuple[Mismatch, ...]


def tell(story: Story, pathway: Pathway) -> Iterator[Outcome]:
    """Run a story message by message, evaluating as of each day of receipt."""
    door = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition})
    record = Record()
    for number, entry in enumerate(story.events, start=1):
        ingest: str | None = None
        problems: tuple[Problem, ...] = ()
        if not entry.is_check:
            record, ingest, problems = receive(door, record, entry.message, number)
        evaluation = evaluate(pathway, record, entry.received)
        if ingest == "accepted" and _holds_back(evaluation, str(entry.message.get("id"))):
            ingest = "quarantined"
        mismatches = tuple(compare(entry.expect, ingest, evaluation))
        yield Outcome(entry, ingest, problems, record, evaluation, mismatches)


class Receipt(NamedTuple):
    """What became of one message of a story."""

    record: Record
    """The record afterwards."""
    ingest: str
    """accepted, duplicate, rejected_409 or rejected_422."""
    problems: tuple[Problem, ...] = ()
    """Why it was refused; empty otherwise."""


def receive(door: Door, record: Record, sent: Mapping[str, Any], number: int) -> Receipt:
    """Take one message of a story in."""
    received = iso_date(sent.get("recorded"))
    stamp = Stamp(datetime.combine(received, RECEIVED_AT), number, received)
    message = {k: v for k, v in sent.items() if k not in ("recorded", "role")}
    try:
        admission = door.admit(record, message, stamp, str(sent.get("role", "clinician")))
    except MessageRefused as refused:
        return Receipt(record, "rejected_422", refused.problems)
    except EventIdReused as reused:
        return Receipt(record, "rejected_409", (Problem("/id", reused.code, str(reused)),))
    return Receipt(admission.record, "duplicate" if admission.duplicate else "accepted")


def _holds_back(evaluation: Evaluation, event_id: str) -> bool:
    """Whether a value of this event waits for verification."""
    waiting = evaluation.fold.chart.quarantined.values()
    return any(r.event_id == event_id for readings in waiting for r in readings)


def compare(expect: Expectation, ingest: str | None, got: Evaluation) -> Iterator[Mismatch]:
    """Yield every difference between what a story expects and what came out."""
    if expect.ingest is not None and expect.ingest != ingest:
        yield Mismatch("ingest", expect.ingest, str(ingest))
    now = standing_of(got)
    for name, value in (expect.now or {}).items():
        if _text(now.get(name)) != _text(value):
            yield Mismatch(name, _text(value), _text(now.get(name)))
    if expect.history is not None:
        history = tuple(f"{s.transition} {s.day} {s.target}" for s in got.history)
        if history != expect.history:
            yield Mismatch("history", ", ".join(expect.history), ", ".join(history))
    for what, wanted, found in (
        ("action", expect.actions, {a.id: action_text(a) for a in got.actions}),
        ("review", expect.reviews, {r.id: str(r.due) for r in got.reviews}),
        ("ladder", expect.ladder, {r.id: r.step for r in got.reviews if r.step is not None}),
    ):
        if wanted is not None:
            yield from _differences(what, wanted, found)


def _differences(what: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Mismatch]:
    for key in dict.fromkeys([*wanted, *found]):
        if wanted.get(key) != found.get(key):
            yield Mismatch(f"{what} {key}", wanted.get(key, "none"), found.get(key, "none"))


def standing_of(got: Evaluation) -> dict[str, object]:
    """Return status, state, since, tier and the remembered context, as stories write them."""
    if got.position is None:
        return {"state": None}
    position = got.position
    return {
        **position.context,
        "status": position.status,
        "state": position.state,
        "since": position.since,
        "tier": got.tier,
    }


def action_text(action: Any) -> str:
    """Return an action as stories write it: disposition, priority, caution."""
    return f"{action.disposition} P{action.prio}{' caution' if action.caution else ''}"


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else "null" if value is None else str(value)
