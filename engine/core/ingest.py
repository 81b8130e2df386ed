"""The door: a message becomes an event, or is refused with every problem named.

Nothing is guessed: a missing unit is a problem, never a default. Values are converted to their
canonical unit here, once; everything behind the door sees canonical values only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from engine.core.checks import CLINICIANS, Checks
from engine.core.definition import PathwayDefinition
from engine.core.events import BODIES, Body, Correct, Event, Record, Retract, Stamp, Verify
from engine.core.shape import shape_problems, unstorable
from engine.core.values import Frozen, iso_date
from engine.core.vocabulary import Vocabulary
from engine.errors import EventIdReused, MessageRefused

ENVELOPE = ("id", "type", "effective", "source", "pathway")
OF_PATHWAY = ("enrol", "decision", "override", "admin")
"""Events that concern one pathway; amendments concern that of their target, all others the patient."""
EARLIEST_EFFECTIVE = date(1900, 1, 1)
"""Nothing before is believable, and rules that look back years need days to count."""
LATEST_EFFECTIVE = timedelta(days=1)
"""An effective date may lie this far after the day of receipt (spec §3), no further."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a message: the event as stored, or the one already there."""

    event: Event
    duplicate: bool
    record: Record
    """The record afterwards; unchanged for a duplicate."""


@dataclass(frozen=True, slots=True)
class Door:
    """Admits messages for the pathways served: what may be recorded, which actions and states exist."""

    vocabulary: Vocabulary
    pathways: Mapping[str, PathwayDefinition]

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


class _Reader(Checks):
    """Reads one message: envelope, body or correction, and its place in the record."""

    def __init__(self, door: Door, record: Record, stamp: Stamp, role: str) -> None:
        super().__init__(door.vocabulary, stamp.day, role)
        self.pathways = door.pathways
        self.record = record
        self.stamp = stamp

    def read(self, message: Mapping[str, Any]) -> Event | None:
        if not isinstance(message, Mapping):
            self.refuse(
                "", "not-an-object", f"An event is an object with `id`, `type` and more; got {message!r}."
            )
            return None
        event_id = message.get("id")
        if not isinstance(event_id, str) or not 1 <= len(event_id) <= 200 or not event_id.isprintable():
            self.refuse("/id", "bad-id", f"`id` must be 1 to 200 printable characters; got {event_id!r}.")
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
        self.problems.extend(unstorable(rest))
        pathway = self._pathway(kind, message)
        body = (
            self._correction(rest, str(source))
            if kind == "correct"
            else self._body(BODIES[kind], rest, str(source))
        )
        if body is None or effective is None or self.problems:
            return None
        return Event(str(event_id), str(kind), effective, str(source), body, self.stamp, pathway)

    def _pathway(self, kind: str, message: Mapping[str, Any]) -> str | None:
        """Return the pathway a message concerns; it need not be named where only one can be meant."""
        named, concerned = message.get("pathway"), self._concerned(kind, message)
        if not concerned:
            if named is not None:
                text = f"A `{kind}` event belongs to the patient, not to a pathway; leave `pathway` out."
                self.refuse("/pathway", "unexpected-pathway", text)
            return None
        if named is None and len(concerned) > 1:
            self.refuse("/pathway", "missing-pathway", f"`pathway` is needed: one of {', '.join(concerned)}.")
            return None
        chosen = concerned[0] if named is None else named
        if chosen not in concerned:
            text = f"`pathway` must be {' or '.join(concerned)}; got {named!r}."
            self.refuse("/pathway", "unknown-pathway", text)
            return None
        self.pathway = self.pathways[chosen]
        return str(chosen)

    def _concerned(self, kind: str, message: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the pathways a message can concern; none when it belongs to the patient."""
        if kind not in OF_PATHWAY:
            target = message.get("target")
            root = self.record.root(target) if isinstance(target, str) else None
            return () if root is None or root.pathway is None else (root.pathway,)
        known = self.record.find(str(message.get("id")))
        if message.get("pathway") is None and known is not None and known.pathway is not None:
            return (known.pathway,)  # the same message again; the patient may be on more pathways by now
        if kind == "enrol" or message.get("pathway") is not None:
            return tuple(self.pathways)
        return tuple(sorted(self._enrolled())) or tuple(self.pathways)

    def _enrolled(self) -> set[str]:
        """Return the pathways with an enrolment that was not retracted."""
        enrolments = {e.id: e.pathway for e in self.record if e.type == "enrol" and e.pathway is not None}
        for event in self.record:
            if isinstance(event.body, Retract) and (root := self.record.root(event.body.target)):
                enrolments.pop(root.id, None)
        return set(enrolments.values())

    def _effective(self, text: Any) -> date | None:
        try:
            effective = iso_date(text)
        except ValueError:
            self.refuse("/effective", "bad-date", f"`effective` must be a date as YYYY-MM-DD; got {text!r}.")
            return None
        if effective < EARLIEST_EFFECTIVE:
            self.refuse(
                "/effective",
                "implausible-date",
                f"`effective` {effective} lies before {EARLIEST_EFFECTIVE.year}. Correct the date.",
            )
        if effective > self.stamp.day + LATEST_EFFECTIVE:
            self.refuse(
                "/effective",
                "future-date",
                f"`effective` {effective} is more than 1 day after the day of receipt, {self.stamp.day}. "
                "Send it when the day has come, or correct the date.",
            )
        return effective

    def _correction(self, rest: dict[str, Any], source: str) -> Correct | None:
        target = rest.pop("target", None)
        root = self._root(target, "corrected")
        if root is None:
            return None
        self._may_amend(root, source)
        body = self._body(BODIES[root.type], rest, source)
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

    def _may_amend(self, root: Event, source: str) -> None:
        """Amendments come from where the event came from, or from a clinician (spec §2)."""
        if self.role not in CLINICIANS and source != root.source:
            self.refuse(
                "/source",
                "not-the-source",
                f"An amendment comes from the original source ({root.source}) or from a clinician; got "
                f"{source!r} from the role {self.role}.",
            )

    def _body(self, model: type[Frozen], rest: dict[str, Any], source: str) -> Body | None:
        try:
            body = model.model_validate(_tuples(rest))
        except ValidationError as error:
            self.problems.extend(shape_problems(error))
            return None
        if isinstance(body, Retract | Verify):
            self._amendment(body, source)
            return body
        return self.body(body)  # type: ignore[arg-type]

    def _amendment(self, body: Retract | Verify, source: str) -> None:
        root = self._root(body.target, "retracted" if isinstance(body, Retract) else "verified")
        if root is None:
            return
        self._may_amend(root, source)
        if isinstance(body, Verify) and root.type != "obs":
            self.refuse("/target", "nothing-to-verify", f"`target` {body.target!r} holds no observed values.")

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
            if other.type == "enrol" and other.pathway == event.pathway and other.id not in withdrawn:
                self.refuse(
                    "/type",
                    "already-enrolled",
                    f"The patient is already enrolled in {event.pathway} by event {other.id!r}; "
                    "correct or retract that one instead.",
                )


def _tuples(value: Any) -> Any:
    """Lists become tuples, which is what the frozen models hold."""
    if isinstance(value, list | tuple):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, Mapping):
        return {k: _tuples(v) for k, v in value.items()}
    return value
