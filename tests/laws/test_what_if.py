"""What would be is what is when it comes: supposed events make the difference that recorded ones make."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.admitting import Admitted, admitted
from engine.core.contrast import contrast
from engine.core.difference import difference
from engine.core.evaluate import evaluate
from engine.core.events import Record, Stamp
from engine.core.ingest import Door
from engine.core.what_if import what_if, what_if_view
from engine.errors import MessageRefused, Problem
from tests.laws.messages import Draw, pick
from tests.laws.strategies import cases, nudged
from tests.laws.world import Case, Message, library, projection
from tests.laws.world import admitted as one_by_one

pytestmark = pytest.mark.prove

MOST = 6
"""Events supposed together."""

fewer = settings(max_examples=max(30, settings().max_examples // 4))


@dataclass(frozen=True)
class Supposal:
    """A patient as recorded, and messages that may come next, all of them received on one day."""

    name: str
    recorded: tuple[Message, ...]
    messages: tuple[Message, ...]
    """As stories write them, with the same day of receipt and the same role."""
    as_of: date

    @property
    def case(self) -> Case:
        return Case(self.name, self.recorded)

    @property
    def today(self) -> date:
        found: date = self.messages[0]["recorded"]
        return found

    @property
    def role(self) -> str:
        return str(self.messages[0]["role"])

    @property
    def bodies(self) -> list[Message]:
        """The messages as they are sent."""
        return [{k: v for k, v in m.items() if k not in ("recorded", "role")} for m in self.messages]

    def without(self, refused: set[int]) -> "Supposal | None":
        """The same without some of the messages; None when none is left."""
        left = tuple(m for n, m in enumerate(self.messages) if n not in refused)
        return replace(self, messages=left) if left else None


@st.composite
def supposals(draw: Draw) -> Supposal:
    """The last messages of a patient, some said before, in other words, or nonsense."""
    case: Case = draw(cases())
    messages = list(case.messages)
    at = draw(st.integers(max(0, len(messages) - MOST), len(messages) - 1))
    before, coming = messages[:at], messages[at:]
    if before and pick(draw, range(3)) == 0:
        coming.append(pick(draw, before))
    if pick(draw, range(4)) == 0:
        coming.append(nudged(draw, pick(draw, messages)))
    if pick(draw, range(6)) == 0:
        coming.append({**pick(draw, coming), "id": "spoilt", **pick(draw, SPOILT)})
    today = max(m["recorded"] for m in messages)
    role = pick(draw, ("clinician", "clinician", "clinician", "coordinator", "integration"))
    as_of = today + timedelta(days=pick(draw, (0, 0, 0, -30, 1, 30, 400)))
    received = tuple({**m, "recorded": today, "role": role} for m in coming[-MOST:])
    return Supposal(case.name, tuple(before), received, as_of)


SPOILT = (
    {"effective": "2199-01-01"},
    {"type": "obs", "obs": [{"item": "unheard_of", "value": 1}]},
    {"type": "retract", "target": "nothing"},
    {"pathway": "other"},
    {"source": "hearsay"},
)
"""What makes a message one that nobody can record."""


def let_in(supposal: Supposal, record: Record) -> Admitted:
    pathway = supposal.case.pathway
    door = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition})
    newest = record.events[-1].stamp.sequence if len(record) else 0
    stamp = Stamp(datetime.combine(supposal.today, time(12, tzinfo=UTC)), newest, supposal.today)
    return admitted(door, record, supposal.bodies, stamp, supposal.role, "/events")


def refused(problems: tuple[Problem, ...]) -> set[int]:
    """Which messages have a problem, by the pointers."""
    assert problems
    assert all(p.pointer.startswith("/events/") for p in problems)
    return {int(p.pointer.split("/")[2]) for p in problems}


def together(supposal: Supposal, record: Record) -> tuple[Supposal, Admitted] | None:
    """What is left when those are left out that nobody can record, and how it was let in."""
    left: Supposal | None = supposal
    while left is not None:
        try:
            return left, let_in(left, record)
        except MessageRefused as error:
            left = left.without(refused(error.problems))
    return None


@fewer
@given(supposals())
def test_what_is_refused_is_what_would_be_refused_one_by_one(supposal: Supposal) -> None:
    record = supposal.case.record
    grown = one_by_one((*supposal.recorded, *supposal.messages), supposal.case.pathway)
    try:
        found = let_in(supposal, record)
    except MessageRefused as error:
        out = refused(error.problems)
        kept = [m["id"] for n, m in enumerate(supposal.messages) if n not in out]
        assert {e.id for e in grown} == {e.id for e in record} | set(kept)
    else:
        assert [e.content for e in found.record] == [e.content for e in grown]
        assert [e.id for e in found.events] == [m["id"] for m in supposal.messages]


@fewer
@given(supposals())
def test_the_difference_is_that_of_the_evaluations_before_and_after(supposal: Supposal) -> None:
    pathway, record = supposal.case.pathway, supposal.case.record
    events = record.events
    found = together(supposal, record)
    if found is None:
        return
    left, admission = found
    would_be = what_if(pathway, record, admission, left.as_of)
    grown = one_by_one((*left.recorded, *left.messages), pathway)
    before, after = evaluate(pathway, record, left.as_of), evaluate(pathway, grown, left.as_of)

    assert projection(would_be.difference.before) == projection(before)
    assert projection(would_be.difference.after) == projection(after)
    sources = library().sources("pm-ild")
    shown = what_if_view(would_be, sources)
    assert shown.difference == contrast(difference(before, after), sources)
    assert record.events == events

    fresh = {event.id for event in admission.new}
    assert [e.result == "duplicate" for e in shown.events] == [e.id not in fresh for e in admission.events]
    if not fresh:
        assert shown.difference.same
        assert "Nothing would differ." in shown.sentence
