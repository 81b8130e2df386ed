"""Checks of message bodies against vocabulary and pathway; values come out in canonical units.

Every check collects its problem and goes on, so that a sender learns of all of them at once.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.core.definition import EnrolmentField, PathwayDefinition
from engine.core.events import (
    Admin,
    Body,
    Condition,
    Decision,
    Enrol,
    Medication,
    Observations,
    Observed,
    Override,
    Vaccination,
)
from engine.core.values import exact, iso_date, plain, received
from engine.core.vocabulary import Item, Vocabulary
from engine.errors import Problem

CLINICIANS: frozenset[str] = frozenset({"clinician", "clinical_lead"})
"""Roles that may decide, override, close and reopen."""
OFF_AND_ON = ("close", "reopen")
"""Changes of the status of an enrolment that need a clinician."""


def needs_clinician(body: Body) -> bool:
    """Return whether only a clinician may send an event that says this."""
    return isinstance(body, Decision | Override) or (isinstance(body, Admin) and body.op in OFF_AND_ON)


class Checks:
    """Checks the body of one message, collecting problems instead of stopping at the first."""

    pathway: PathwayDefinition | None = None
    """The pathway a message concerns; None for what belongs to the patient, or when it was refused."""

    def __init__(self, vocabulary: Vocabulary, today: date, role: str) -> None:
        """Begin; `today` is the day of receipt, `role` that of the sender's credential."""
        self.vocabulary = vocabulary
        self.today = today
        self.role = role
        self.problems: list[Problem] = []

    def refuse(self, pointer: str, code: str, text: str) -> None:
        """Note a problem: JSON pointer, stable code, sentence."""
        self.problems.append(Problem(pointer, code, text))

    def body(self, body: Body) -> Body:
        """Return the body with values converted; problems found are in `problems`."""
        pathway = self.pathway
        match body:
            case Enrol() if pathway is not None:
                return self._enrol(body, pathway)
            case Observations():
                return self._observations(body)
            case Medication():
                return self._medication(body)
            case Condition():
                self._known("/code", "condition", body.code, self.vocabulary.conditions)
            case Vaccination():
                self._known("/vaccine", "vaccine", body.vaccine, self.vocabulary.vaccines)
            case Decision() if pathway is not None:
                self._decision(body, pathway)
            case Override() if pathway is not None:
                self._override(body, pathway)
            case Admin() if pathway is not None:
                self._admin(body, pathway)
        return body

    def _known(self, pointer: str, kind: str, name: str, known: Mapping[str, Any] | tuple[str, ...]) -> bool:
        if name in known:
            return True
        code = f"unknown-{kind.replace(' ', '-')}"
        self.refuse(
            pointer, code, f"{kind.capitalize()} {name!r} is not known; use one of {', '.join(known)}."
        )
        return False

    def _enrol(self, body: Enrol, pathway: PathwayDefinition) -> Enrol:
        sent = body.fields
        for name in sent:
            self._known(f"/{name}", "enrolment field", name, pathway.enrolment)
        fields: dict[str, object] = {}
        for name, rule in pathway.enrolment.items():
            if name in sent:
                fields[name] = self._enrol_value(name, rule, sent[name])
            elif rule.required:
                self.refuse(
                    f"/{name}", "missing-field", f"`{name}` ({rule.title}) is needed to enrol a patient."
                )
        return Enrol.model_validate(fields)

    def _enrol_value(self, name: str, rule: EnrolmentField, value: object) -> object:
        called = f"`{name}` ({rule.title})"
        if rule.kind == "date":
            try:
                born = iso_date(value)
            except ValueError as error:
                self.refuse(f"/{name}", "bad-date", f"{called}: {error}.")
                return value
            if born > self.today:
                self.refuse(f"/{name}", "future-date", f"{called} {born} lies after the day of receipt.")
            return born
        if rule.kind == "boolean":
            if not isinstance(value, bool):
                self.refuse(f"/{name}", "bad-value", f"{called} must be true or false; got {value!r}.")
            elif rule.must_be is not None and value is not rule.must_be:
                self.refuse(
                    f"/{name}",
                    "not-eligible",
                    f"{called} must be {str(rule.must_be).lower()} to enrol a patient on this pathway.",
                )
        elif value not in rule.codes:
            self.refuse(
                f"/{name}", "bad-value", f"{called} must be one of {', '.join(rule.codes)}; got {value!r}."
            )
        return value

    def _observations(self, body: Observations) -> Observations:
        if body.grade is not None:
            self._known("/grade", "grade", body.grade, self.vocabulary.grades)
        observed = [self._observed(i, one, body.grade) for i, one in enumerate(body.obs)]
        return Observations(obs=tuple(observed), grade=body.grade)

    def _observed(self, index: int, one: Observed, grade: str | None) -> Observed:
        at = f"/obs/{index}"
        if not self._known(f"{at}/item", "item", one.item, self.vocabulary.items):
            return one
        item = self.vocabulary.items[one.item]
        attributes = dict(self._attributes(at, one, item))
        if grade is not None and "grade" in item.attributes:
            attributes.setdefault("grade", grade)
        if (one.value is None) == (one.absent is None):
            self.refuse(
                at, "value-or-absent", f"{item.title}: send either `value` or `absent` with its reason."
            )
            return one
        if one.absent is not None:
            if not one.absent.strip():
                self.refuse(
                    f"{at}/absent", "missing-reason", f"{item.title}: say why the test could not be done."
                )
            return Observed(item=one.item, absent=one.absent)
        value = self._value(at, one, item)
        return Observed.model_validate({"item": one.item, "value": value, "unit": item.unit, **attributes})

    def _attributes(self, at: str, one: Observed, item: Item) -> Iterator[tuple[str, object]]:
        for name, value in one.attributes.items():
            if not self._known(f"{at}/{name}", "attribute", name, item.attributes):
                continue
            rule = self.vocabulary.attributes[name]
            if rule.codes:
                self._known(f"{at}/{name}", f"{name} value", str(value), rule.codes)
                yield name, value
                continue
            try:
                number = exact(value)
            except ValueError as error:
                self.refuse(f"{at}/{name}", "not-a-number", f"`{name}`: {error}.")
                continue
            if rule.minimum is not None and number < rule.minimum:
                self.refuse(
                    f"{at}/{name}",
                    "out-of-range",
                    f"`{name}` {plain(number)} is below {plain(rule.minimum)}.",
                )
            yield name, number

    def _value(self, at: str, one: Observed, item: Item) -> object:
        value, unit = one.value, one.unit
        if item.kind == "number":
            return self._number(at, one, item)
        if unit is not None:
            self.refuse(f"{at}/unit", "unexpected-unit", f"{item.title} has no unit; leave `unit` out.")
        if item.kind == "boolean":
            if not isinstance(value, bool):
                self.refuse(
                    f"{at}/value", "bad-value", f"{item.title} must be true or false; got {received(value)}."
                )
        elif value not in item.codes:
            self.refuse(
                f"{at}/value",
                "unknown-code",
                f"{item.title} must be one of {', '.join(item.codes)}; got {received(value)}.",
            )
        return value

    def _number(self, at: str, one: Observed, item: Item) -> Decimal | None:
        allowed = " or ".join(item.units)
        value = one.value
        if isinstance(value, bool) or not isinstance(value, Decimal):
            self.refuse(
                f"{at}/value",
                "not-a-number",
                f"{item.title} must be a number in {allowed}; got {received(value)}.",
            )
            return None
        if one.unit is None:
            self.refuse(
                f"{at}/unit",
                "missing-unit",
                f"{item.title} {plain(value)} came without a unit, and a unit is never guessed; "
                f"send {allowed}.",
            )
            return None
        if one.unit not in item.units:
            self.refuse(
                f"{at}/unit",
                "unknown-unit",
                f"{item.title} {plain(value)} was sent in {one.unit!r}, which cannot be converted; "
                f"send {allowed}.",
            )
            return None
        converted = item.convert(value, one.unit)
        if item.reject is not None and converted not in item.reject:
            self.refuse(
                f"{at}/value",
                "out-of-range",
                f"{item.title} {plain(value)} {one.unit} lies outside {item.reject} {item.unit}, the range "
                "in which a value is possible. Check the value and its unit.",
            )
        return converted

    def _medication(self, body: Medication) -> Medication:
        if not self._known("/drug", "drug", body.drug, self.vocabulary.drugs):
            return body
        drug = self.vocabulary.drugs[body.drug]
        if body.op == "dose" and body.dose is None:
            self.refuse("/dose", "missing-dose", "A change of dose needs the new `dose`.")
        if body.dose is not None and drug.dose_unit is None:
            self.refuse(
                "/dose", "unexpected-dose", f"No dose is recorded for {drug.title}; leave `dose` out."
            )
        if body.dose is not None and body.dose < 0:
            self.refuse("/dose", "out-of-range", f"`dose` {plain(body.dose)} is below 0.")
        return body

    def _decision(self, body: Decision, pathway: PathwayDefinition) -> None:
        self._clinician("A decision")
        self._known("/action", "action", body.action, tuple(a.id for a in pathway.actions))
        if body.decision == "decline":
            self._reason("A declined action", body.reason)

    def _override(self, body: Override, pathway: PathwayDefinition) -> None:
        self._clinician("An override")
        self._known("/to", "state", body.to, pathway.states)
        self._reason("An override", body.reason)

    def _admin(self, body: Admin, pathway: PathwayDefinition) -> None:
        rule = next(change for change in pathway.status_changes if change.op == body.op)
        if needs_clinician(body):
            self._clinician(f"To {body.op} an enrolment")
        if rule.reason_required:
            self._reason(f"To {body.op} an enrolment", body.reason)
        if body.op == "close" and body.reason:
            self._known("/reason", "close reason", body.reason, self.vocabulary.close_reasons)

    def _clinician(self, what: str) -> None:
        if self.role not in CLINICIANS:
            self.refuse(
                "", "clinician-needed", f"{what} needs a clinician; this credential has the role {self.role}."
            )

    def _reason(self, what: str, reason: str | None) -> None:
        if reason is None or not reason.strip():
            self.refuse("/reason", "missing-reason", f"{what} needs a `reason`.")
