"""The door: a message becomes an event, or is refused with every problem named.

Nothing is guessed: a missing unit is a problem, never a default. Values are converted to their
canonical unit here, once; everything behind the door sees canonical values only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.core.definition import EnrolmentField, PathwayDefinition
from engine.core.events import (
    BODIES,
    Admin,
    Body,
    Condition,
    Correct,
    Decision,
    Enrol,
    Event,
    Medication,
    Observations,
    Observed,
    Override,
    Record,
    Retract,
    Stamp,
    Vaccination,
    Verify,
)
from engine.core.values import Frozen, exact, iso_date, plain
from engine.core.vocabulary import Item, Vocabulary
from engine.errors import EventIdReused, MessageRefused, Problem

ENVELOPE = ("id", "type", "effective", "source")
LATEST_EFFECTIVE = timedelta(days=1)
"""An effective date may lie this far after the day of receipt (spec §3), no further."""

Role = Literal["coordinator", "clinician", "clinical_lead", "integrator"]
CLINICIANS: frozenset[str] = frozenset({"clinician", "clinical_lead"})


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a message: the event as stored, or the one already there."""

    event: Event
    duplicate: bool
    record: Record
    """The record afterwards; unchanged for a duplicate."""


@dataclass(frozen=True, slots=True)
class Door:
    """Admits messages for one pathway: what may be recorded, and which actions and states exist."""

    vocabulary: Vocabulary
    pathway: PathwayDefinition

    def admit(self, record: Record, message: Mapping[str, Any], stamp: Stamp, role: str) -> Admission:
        """Return the admission of one message.

        Args:
            record: the patient's events so far.
            message: the message as sent, without `recorded` and `role`; numbers as int or Decimal.
            stamp: when it was received.
            role: of the sender's credential; never taken from the message.

        Raises:
            MessageRefused: with every problem found; nothing is stored.
            EventIdReused: the id is known with other content.
        """
        reader = _Reader(self, record, stamp, role)
        event = reader.read(message)
        if reader.problems or event is None:
            raise MessageRefused(tuple(reader.problems))
        known = record.find(event.id)
        if known is not None:
            if known.content != event.content:
                raise EventIdReused(event.id)
            return Admission(known, True, record)
        reader.check_place(event)
        if reader.problems:
            raise MessageRefused(tuple(reader.problems))
        return Admission(event, False, record.append(event))


class _Reader:
    """Reads one message, collecting problems instead of stopping at the first."""

    def __init__(self, door: Door, record: Record, stamp: Stamp, role: str) -> None:
        self.vocabulary = door.vocabulary
        self.pathway = door.pathway
        self.record = record
        self.stamp = stamp
        self.role = role
        self.problems: list[Problem] = []

    def refuse(self, pointer: str, code: str, text: str) -> None:
        self.problems.append(Problem(pointer, code, text))

    def read(self, message: Mapping[str, Any]) -> Event | None:
        if not isinstance(message, Mapping):
            self.refuse(
                "", "not-an-object", f"An event is an object with `id`, `type` and more; got {message!r}."
            )
            return None
        event_id = message.get("id")
        if not isinstance(event_id, str) or not 1 <= len(event_id) <= 200:
            self.refuse("/id", "bad-id", f"`id` must be 1 to 200 characters of text; got {event_id!r}.")
        effective = self._effective(message.get("effective"))
        source = message.get("source", "manual")
        if source not in self.vocabulary.sources:
            known = ", ".join(self.vocabulary.sources)
            self.refuse("/source", "unknown-source", f"`source` {source!r} is not known; use one of {known}.")
        kind = message.get("type")
        if not isinstance(kind, str) or (kind not in BODIES and kind != "correct"):
            known = ", ".join([*BODIES, "correct"])
            self.refuse("/type", "unknown-type", f"Event type {kind!r} is not known; use one of {known}.")
            return None
        rest = {k: v for k, v in message.items() if k not in ENVELOPE}
        body = self._correction(rest) if kind == "correct" else self._body(BODIES[kind], rest)
        if body is None or effective is None or self.problems:
            return None
        return Event(str(event_id), str(kind), effective, str(source), body, self.stamp)

    def _effective(self, text: Any) -> Any:
        try:
            effective = iso_date(text)
        except ValueError:
            self.refuse("/effective", "bad-date", f"`effective` must be a date as YYYY-MM-DD; got {text!r}.")
            return None
        if effective > self.stamp.day + LATEST_EFFECTIVE:
            self.refuse(
                "/effective",
                "future-date",
                f"`effective` {effective} is more than 1 day after the day of receipt, {self.stamp.day}. "
                "Send it when the day has come, or correct the date.",
            )
        return effective

    def _correction(self, rest: dict[str, Any]) -> Correct | None:
        target = rest.pop("target", None)
        root = self._root(target, "corrected")
        if root is None:
            return None
        body = self._body(BODIES[root.type], rest)
        return None if body is None else Correct(target=str(target), body=body)

    def _root(self, target: Any, done: str) -> Event | None:
        root = self.record.root(target) if isinstance(target, str) else None
        if root is None:
            self.refuse("/target", "unknown-target", f"`target` {target!r} is not an event of this patient.")
        elif isinstance(root.body, Retract):
            self.refuse(
                "/target",
                "target-retraction",
                f"`target` {target!r} is a retraction, which cannot be {done}.",
            )
            return None
        return root

    def _body(self, model: type[Frozen], rest: dict[str, Any]) -> Body | None:
        try:
            body = model.model_validate(_tuples(rest))
        except ValidationError as error:
            for part in _own_errors(error):
                pointer = "".join(f"/{p}" for p in part["loc"])
                self.refuse(pointer, "bad-field", _field_text(part, pointer))
            return None
        checks = {
            Enrol: self._enrol,
            Observations: self._observations,
            Medication: self._medication,
            Condition: self._condition,
            Vaccination: self._vaccination,
            Decision: self._decision,
            Override: self._override,
            Admin: self._admin,
            Retract: self._amendment,
            Verify: self._amendment,
        }
        checked: Body = checks[model](body)  # type: ignore[operator]
        return checked

    def _known(self, pointer: str, kind: str, name: str, known: Mapping[str, Any] | tuple[str, ...]) -> bool:
        if name in known:
            return True
        code = f"unknown-{kind.replace(' ', '-')}"
        self.refuse(
            pointer, code, f"{kind.capitalize()} {name!r} is not known; use one of {', '.join(known)}."
        )
        return False

    def _enrol(self, body: Enrol) -> Enrol:
        sent = body.fields
        for name in sent:
            self._known(f"/{name}", "enrolment field", name, self.pathway.enrolment)
        fields: dict[str, object] = {}
        for name, rule in self.pathway.enrolment.items():
            if name in sent:
                fields[name] = self._enrol_value(name, rule, sent[name])
            elif rule.required:
                self.refuse(
                    f"/{name}", "missing-field", f"`{name}` ({rule.title}) is needed to enrol a patient."
                )
        return Enrol.model_validate(fields)

    def _enrol_value(self, name: str, rule: EnrolmentField, value: object) -> object:
        if rule.kind == "date":
            try:
                born = iso_date(value)
            except ValueError as error:
                self.refuse(f"/{name}", "bad-date", f"`{name}`: {error}.")
                return value
            if born > self.stamp.day:
                self.refuse(f"/{name}", "future-date", f"`{name}` {born} lies after the day of receipt.")
            return born
        if rule.kind == "boolean":
            if not isinstance(value, bool):
                self.refuse(f"/{name}", "bad-value", f"`{name}` must be true or false; got {value!r}.")
            elif rule.must_be is not None and value is not rule.must_be:
                self.refuse(
                    f"/{name}",
                    "not-eligible",
                    f"`{name}` must be {str(rule.must_be).lower()} to enrol a patient on this pathway.",
                )
        elif value not in rule.codes:
            self.refuse(
                f"/{name}", "bad-value", f"`{name}` must be one of {', '.join(rule.codes)}; got {value!r}."
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
                    f"{at}/value", "bad-value", f"{item.title} must be true or false; got {_shown(value)}."
                )
        elif value not in item.codes:
            self.refuse(
                f"{at}/value",
                "unknown-code",
                f"{item.title} must be one of {', '.join(item.codes)}; got {_shown(value)}.",
            )
        return value

    def _number(self, at: str, one: Observed, item: Item) -> Decimal | None:
        allowed = " or ".join(item.units)
        value = one.value
        if isinstance(value, bool) or not isinstance(value, Decimal):
            self.refuse(
                f"{at}/value",
                "not-a-number",
                f"{item.title} must be a number in {allowed}; got {_shown(value)}.",
            )
            return None
        if one.unit is None:
            self.refuse(
                f"{at}/unit",
                "missing-unit",
                f"{item.title} {plain(value)} came without a unit, and a unit is never guessed; send {allowed}.",
            )
            return None
        if one.unit not in item.units:
            self.refuse(
                f"{at}/unit",
                "unknown-unit",
                f"{item.title} {plain(value)} was sent in {one.unit!r}, which cannot be converted; send {allowed}.",
            )
            return None
        converted = item.convert(value, one.unit)
        if item.reject is not None and converted not in item.reject:
            self.refuse(
                f"{at}/value",
                "out-of-range",
                f"{item.title} {plain(value)} {one.unit} lies outside {item.reject} {item.unit}, the range in which "
                "a value is possible. Check the value and its unit.",
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

    def _condition(self, body: Condition) -> Condition:
        self._known("/code", "condition", body.code, self.vocabulary.conditions)
        return body

    def _vaccination(self, body: Vaccination) -> Vaccination:
        self._known("/vaccine", "vaccine", body.vaccine, self.vocabulary.vaccines)
        return body

    def _decision(self, body: Decision) -> Decision:
        self._clinician("A decision")
        self._known("/action", "action", body.action, tuple(a.id for a in self.pathway.actions))
        if body.decision == "decline":
            self._reason("A declined action", body.reason)
        return body

    def _override(self, body: Override) -> Override:
        self._clinician("An override")
        self._known("/to", "state", body.to, self.pathway.states)
        self._reason("An override", body.reason)
        return body

    def _admin(self, body: Admin) -> Admin:
        rule = next(change for change in self.pathway.status_changes if change.op == body.op)
        if body.op in ("close", "reopen"):
            self._clinician(f"To {body.op} an enrolment")
        if rule.reason_required:
            self._reason(f"To {body.op} an enrolment", body.reason)
        if body.op == "close" and body.reason:
            self._known("/reason", "close reason", body.reason, self.vocabulary.close_reasons)
        return body

    def _amendment(self, body: Retract | Verify) -> Retract | Verify:
        root = self._root(body.target, "retracted" if isinstance(body, Retract) else "verified")
        if isinstance(body, Verify) and root is not None and root.type != "obs":
            self.refuse("/target", "nothing-to-verify", f"`target` {body.target!r} holds no observed values.")
        return body

    def _clinician(self, what: str) -> None:
        if self.role not in CLINICIANS:
            self.refuse(
                "", "clinician-needed", f"{what} needs a clinician; this credential has the role {self.role}."
            )

    def _reason(self, what: str, reason: str | None) -> None:
        if reason is None or not reason.strip():
            self.refuse("/reason", "missing-reason", f"{what} needs a `reason`.")

    def check_place(self, event: Event) -> None:
        """Refuse what the record as it stands rules out: a second live enrolment."""
        if event.type != "enrol":
            return
        withdrawn = {
            root.id
            for e in self.record
            if isinstance(e.body, Retract) and (root := self.record.root(e.body.target))
        }
        for other in self.record:
            if other.type == "enrol" and other.id not in withdrawn:
                self.refuse(
                    "/type",
                    "already-enrolled",
                    f"The patient is already enrolled by event {other.id!r}; correct or retract that one instead.",
                )


def _tuples(value: Any) -> Any:
    """Lists become tuples, which is what the frozen models hold."""
    if isinstance(value, list | tuple):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, Mapping):
        return {k: _tuples(v) for k, v in value.items()}
    return value


def _own_errors(error: ValidationError) -> list[ErrorDetails]:
    """Return the errors of a message; a list is not also called too short because its entries are wrong."""
    found = error.errors(include_url=False)
    return [
        part
        for part in found
        if part["type"] != "too_short" or not any(_below(other["loc"], part["loc"]) for other in found)
    ]


def _below(path: tuple[int | str, ...], above: tuple[int | str, ...]) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _field_text(part: ErrorDetails, pointer: str) -> str:
    name = pointer.rsplit("/", 1)[-1] or "the message"
    got, about = _shown(part["input"]), part.get("ctx", {})
    match part["type"]:
        case "missing":
            return f"`{name}` is missing."
        case "extra_forbidden":
            return f"`{name}` is not a field of this event."
        case "literal_error":
            return f"`{name}` must be {about['expected']}; got {got}."
        case "value_error":
            return f"`{name}`: {about['error']}."
        case "string_type":
            return f"`{name}` must be text; got {got}."
        case "tuple_type":
            return f"`{name}` must be a list; got {got}."
        case "too_short":
            return f"`{name}` must not be empty."
        case "model_type":
            return f"`{name}` must be an object; got {got}."
        case _:
            return f"`{name}`: {part['msg']}; got {got}."


def _shown(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) and value.is_finite() else repr(value)
