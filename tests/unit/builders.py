"""Patients built for a test: every message goes through the door, every answer comes from `evaluate`.

Days are whole days counted from `DAY_0`, or dates as YYYY-MM-DD. A message is received on its effective
date, or on the day of the message before it when that is later, unless the test says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Event, Record, Stamp
from engine.core.expressions import Flaw, Scope
from engine.core.facts import FactValue
from engine.core.guards import Node
from engine.core.ingest import Admission, Door
from engine.core.moment import Moment
from engine.core.pathway import Pathway, compile_pathway
from engine.core.stories import action_text
from engine.core.vocabulary import Vocabulary
from engine.errors import EventIdReused, MessageRefused, Problem
from pathways.facts import CATALOGUE
from pathways.library import Library

When = int | str | date
Plain = str | int | bool | Decimal

LIBRARY = Library()
DAY_0 = date(2024, 1, 1)
NOON = time(12, tzinfo=UTC)


def when(day: When) -> date:
    """Return a date given as days after `DAY_0`, as YYYY-MM-DD, or as a date."""
    if isinstance(day, str):
        return date.fromisoformat(day)
    return day if isinstance(day, date) else DAY_0 + timedelta(days=day)


def stamp(day: When, sequence: int) -> Stamp:
    """Return the stamp of a message received at noon."""
    return Stamp(datetime.combine(when(day), NOON), sequence, when(day))


@cache
def vocabulary() -> Vocabulary:
    return LIBRARY.vocabulary()


@cache
def _pathway(version: str, parameters: tuple[tuple[str, bool | Decimal], ...]) -> Pathway:
    definition = LIBRARY.definition("pm-ild", version)
    return compile_pathway(definition.with_parameters(dict(parameters)), CATALOGUE, vocabulary())


def pathway(version: str = "1", /, **parameters: Plain) -> Pathway:
    """Return the compiled pathway, with some parameters replaced."""
    values = {n: v if isinstance(v, bool) else Decimal(v) for n, v in parameters.items()}
    return _pathway(version, tuple(sorted(values.items())))


@dataclass(frozen=True)
class View:
    """What one evaluation says, in the words tests use; dates are days after `DAY_0`."""

    evaluation: Evaluation

    @property
    def moment(self) -> Moment:
        assert self.evaluation.moment is not None, "not enrolled"
        return self.evaluation.moment

    @property
    def enrolled(self) -> bool:
        return self.evaluation.position is not None

    @property
    def state(self) -> str | None:
        return self.evaluation.position.state if self.evaluation.position else None

    @property
    def since(self) -> int | None:
        return _number(self.evaluation.position.since) if self.evaluation.position else None

    @property
    def status(self) -> str | None:
        return self.evaluation.position.status if self.evaluation.position else None

    @property
    def tier(self) -> str | None:
        return self.evaluation.tier

    @property
    def line(self) -> int:
        line = self.evaluation.context["line"]
        assert isinstance(line, Decimal)
        return int(line)

    @property
    def line_start(self) -> int | None:
        start = self.evaluation.context["line_start"]
        return _number(start) if isinstance(start, date) else None

    @property
    def history(self) -> list[str]:
        return [f"{s.transition} {_number(s.day)} {s.target}" for s in self.evaluation.history]

    @property
    def actions(self) -> dict[str, str]:
        return {a.id: action_text(a) for a in self.evaluation.actions}

    def action(self, name: str) -> str | None:
        """Return disposition, priority and caution of an open action; None when it is not open."""
        return self.actions.get(name)

    def due(self, name: str) -> int | None:
        """Return the day an open action is due."""
        due = next(a.due for a in self.evaluation.actions if a.id == name)
        return None if due is None else _number(due)

    def opened(self, name: str) -> int:
        """Return the day since which an action is open."""
        return _number(next(a.opened_on for a in self.evaluation.actions if a.id == name))

    def cautions(self, name: str) -> list[str]:
        """Return the clauses of `caution_if` that hold for an open action."""
        return [c.text for a in self.evaluation.actions if a.id == name for c in a.caution]

    def missing(self, name: str) -> tuple[str, ...]:
        """Return what an open action still needs."""
        return next(a.missing for a in self.evaluation.actions if a.id == name)

    @property
    def reviews(self) -> dict[str, int]:
        return {r.id: _number(r.due) for r in self.evaluation.reviews}

    def review(self, name: str) -> int | None:
        """Return the day a review is due; None when there is no such review."""
        return self.reviews.get(name)

    def review_status(self, name: str) -> str:
        return next(r.status for r in self.evaluation.reviews if r.id == name)

    def step(self, name: str) -> str | None:
        """Return the newest ladder step of a review that is reached."""
        return next(r.step for r in self.evaluation.reviews if r.id == name)

    def value(self, name: str) -> FactValue | None:
        """Return a criterion's or a fact's value as it is."""
        return (
            self.moment.criterion(name)
            if name in self.moment.pathway.criteria
            else self.moment.fact(name).value
        )

    def holds(self, name: str) -> bool:
        """Whether a boolean criterion or fact is true; anything else than true or false is a mistake here."""
        value = self.value(name)
        assert isinstance(value, bool), f"{name} is {value!r}"
        return value

    def number(self, name: str) -> Decimal | None:
        value = self.value(name)
        assert value is None or isinstance(value, Decimal), f"{name} is {value!r}"
        return value

    def day(self, name: str) -> int | None:
        """Return a date fact as days after `DAY_0`."""
        value = self.value(name)
        assert value is None or isinstance(value, date), f"{name} is {value!r}"
        return None if value is None else _number(value)

    def node(self, text: str) -> Node:
        """Return an expression of the pathway's language as its tree."""
        pathway = self.moment.pathway
        flaws: list[Flaw] = []
        scope = Scope(
            pathway.definition,
            pathway.vocabulary,
            pathway.catalogue,
            lambda n: pathway.criteria[n].kind,
            flaws,
        )
        node = scope.parse(text, ("test",), "any")
        assert not flaws, flaws
        return node

    def asked(self, text: str) -> FactValue | None:
        """Return what an expression gives."""
        return self.node(text).value(self.moment)

    def kept(self, item: str) -> str | None:
        """Return the last usable value of an item as text."""
        reading = self.moment.last(item)
        return None if reading is None else str(reading.value)


def _number(day: date) -> int:
    return (day - DAY_0).days


@dataclass(frozen=True)
class Patient:
    """A patient's record in the making. Every method returns the patient with one more message."""

    pathway: Pathway
    record: Record = field(default_factory=Record)
    role: str = "clinician"

    # ── messages ────────────────────────────────────────────────────────────────────────────────

    def admit(self, message: Mapping[str, Any], received: When | None = None) -> Admission:
        """Take a message in as it is; an `id` is given to it if it has none."""
        number = self.record.events[-1].stamp.sequence + 1 if self.record.events else 1
        known = [e.stamp.day for e in self.record]
        if received is None:
            effective = message.get("effective")
            days = [*known, date.fromisoformat(effective)] if isinstance(effective, str) else known
            received = max(days, default=DAY_0)
        door = Door(self.pathway.vocabulary, {self.pathway.definition.id: self.pathway.definition})
        return door.admit(self.record, {"id": f"e{number}", **message}, stamp(received, number), self.role)

    def sent(self, message: Mapping[str, Any], received: When | None = None) -> "Patient":
        """Take a message in, whether new or a duplicate."""
        return replace(self, record=self.admit(message, received).record)

    def tell(self, kind: str, on: When, received: When | None = None, **body: Any) -> "Patient":
        """Send a message of a kind with its body; `id` and `source` may be among the fields."""
        fields = {k: v for k, v in body.items() if v is not None}
        return self.sent({"type": kind, "effective": str(when(on)), **fields}, received)

    def refused(self, message: Mapping[str, Any], received: When | None = None) -> list[Problem]:
        """Return why a message is refused; fails when it is taken in."""
        try:
            self.admit(message, received)
        except MessageRefused as refusal:
            return list(refusal.problems)
        raise AssertionError("the message was taken in")

    def conflicts(self, message: Mapping[str, Any], received: When | None = None) -> str:
        """Return the sentence of a reused id; fails when there is no such conflict."""
        try:
            self.admit(message, received)
        except EventIdReused as reused:
            return str(reused)
        raise AssertionError("the id was not reused")

    def acting_as(self, role: str) -> "Patient":
        """Send what follows with another role."""
        return replace(self, role=role)

    @property
    def newest(self) -> Event:
        """The event stored last."""
        return self.record.events[-1]

    # ── clinical data ───────────────────────────────────────────────────────────────────────────

    def enrolled(self, on: When = 0, received: When | None = None, **fields: Any) -> "Patient":
        """Enrol: a man born in 1970 with PM, unless said otherwise."""
        usual = {"iim_dx": "PM", "ild_confirmed": True, "sex": "male", "birth_date": "1970-01-01"}
        return self.tell("enrol", on, received, **{**usual, **fields})

    def obs(
        self, on: When, *values: Mapping[str, Any], received: When | None = None, **fields: Any
    ) -> "Patient":
        """Send values together; see `value`."""
        return self.tell("obs", on, received, obs=list(values), **fields)

    def saw(
        self, item: str, value: Plain, *, on: When, received: When | None = None, **fields: Any
    ) -> "Patient":
        """Send one value in its canonical unit; further fields are attributes, or id and source."""
        about = {k: fields.pop(k) for k in ("id", "source") if k in fields}
        return self.obs(on, a_value(item, value, **fields), received=received, **about)

    def fvc(
        self,
        litres: str | None = None,
        *,
        on: When,
        pp: str | None = None,
        eq: str | None = None,
        **fields: Any,
    ) -> "Patient":
        """Send a forced vital capacity: litres, percent predicted, or both; further fields of the message."""
        values = [] if litres is None else [a_value("fvc_l", litres)]
        values += [] if pp is None else [a_value("fvc_pp", pp, **({"eq": eq} if eq else {}))]
        return self.obs(on, *values, **fields)

    def absent(self, item: str, *, on: When, reason: str = "too breathless", **fields: Any) -> "Patient":
        """Say that a test could not be done."""
        return self.obs(on, {"item": item, "absent": reason}, **fields)

    def healthy(self, on: When) -> "Patient":
        """Send every laboratory value and screening test that actions need, all harmless."""
        return self.obs(on, *(a_value(item, value) for item, value in HARMLESS.items()), source="lab")

    def assessed(self, on: When) -> "Patient":
        """Send what classifies a stable patient as non-progressive, at once."""
        return self.obs(
            on,
            a_value("fvc_pp", "80"),
            a_value("dlco_pp", "70"),
            a_value("hrct_change", "baseline"),
            a_value("spo2_rest", 97, o2_flow=0),
            a_value("clinical_course", "stable"),
        )

    def started(self, drug: str, *, on: When, dose: Plain | None = None, **fields: Any) -> "Patient":
        return self._med(drug, "start", on, dose, **fields)

    def given(self, drug: str, *, on: When, dose: Plain | None = None, **fields: Any) -> "Patient":
        return self._med(drug, "give", on, dose, **fields)

    def stopped(self, drug: str, *, on: When, **fields: Any) -> "Patient":
        return self._med(drug, "stop", on, None, **fields)

    def dosed(self, drug: str, dose: Plain, *, on: When, **fields: Any) -> "Patient":
        return self._med(drug, "dose", on, dose, **fields)

    def _med(self, drug: str, op: str, on: When, dose: Plain | None, **fields: Any) -> "Patient":
        amount = None if dose is None else Decimal(dose)
        return self.tell("med", on, drug=drug, op=op, dose=amount, **fields)

    def has(self, code: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("cond", on, code=code, status="active", **fields)

    def resolved(self, code: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("cond", on, code=code, status="resolved", **fields)

    def vaccinated(self, vaccine: str, *, on: When) -> "Patient":
        return self.tell("vax", on, vaccine=vaccine)

    # ── decisions and amendments ────────────────────────────────────────────────────────────────

    def accepted(self, action: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("decision", on, action=action, decision="accept", **fields)

    def declined(self, action: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("decision", on, action=action, decision="decline", reason="not now", **fields)

    def moved(self, to: str, *, on: When, **fields: Any) -> "Patient":
        """Override into a state."""
        return self.tell("override", on, to=to, reason="clinical judgement", **fields)

    def treated(self, *, on: When, drug: str = "mmf") -> "Patient":
        """Start a drug and move into monitor on the same day: line 1 starts then."""
        return self.started(drug, on=on).moved("monitor", on=on)

    def admin(self, op: str, *, on: When, reason: str | None = None, **fields: Any) -> "Patient":
        usual = {"close": "transferred", "reopen": "came back"}
        return self.tell("admin", on, op=op, reason=reason or usual.get(op), **fields)

    def retracted(self, target: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("retract", on, target=target, **fields)

    def verified(self, target: str, *, on: When, **fields: Any) -> "Patient":
        return self.tell("verify", on, target=target, **fields)

    def corrected(self, target: str, *, on: When, **body: Any) -> "Patient":
        """Replace an event; the body is that of the target's type, `on` its corrected clinical date."""
        return self.tell("correct", on, target=target, **body)

    # ── answers ─────────────────────────────────────────────────────────────────────────────────

    def at(self, day: When) -> View:
        """Return what the pathway says as of a day."""
        return View(evaluate(self.pathway, self.record, when(day)))


def a_value(item: str, value: Plain, **attributes: Any) -> dict[str, Any]:
    """Return one value of an observation in its canonical unit; text becomes a number where one is due."""
    definition = vocabulary().items[item]
    if definition.kind != "number":
        return {"item": item, "value": value, **attributes}
    return {"item": item, "value": Decimal(value), "unit": definition.unit, **attributes}


HARMLESS: dict[str, Plain] = {
    "hbsag": "negative",
    "anti_hbc": "negative",
    "igra": "negative",
    "g6pd": "normal",
    "tpmt": "normal",
    "anc": 4,
    "alc": 2,
    "hb": 130,
    "plt": 250,
    "alt": 20,
    "egfr": 90,
    "creatinine": 70,
    "potassium": 4,
    "glucose": 5,
    "igg": 10,
    "sbp": 120,
    "urine_blood": "negative",
}
"""Values of `healthy`: nothing is blocked, nothing calls for caution, everything needed is there."""


Change = Callable[[Patient], Patient]
"""What a test does to a patient."""


def a_patient(version: str = "1", /, **parameters: Plain) -> Patient:
    """Return a patient nothing is known about, on the pathway with some parameters replaced."""
    return Patient(pathway(version, **parameters))


def enrolled(on: When = 0, **fields: Any) -> Patient:
    """Return a patient enrolled on day 0 and nothing else."""
    return a_patient().enrolled(on, **fields)
